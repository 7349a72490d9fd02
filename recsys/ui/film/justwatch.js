// JustWatch says where a film can be seen, country by country. Knows nothing of the page; stands before panel.js and shares its
// scope.

const IN_THE_US = /^(https:\/\/[a-z.]*\bjustwatch\.com)\/us\/search\?/; // no host is named in the page itself
// what a search is called in the addresses of each country; of others it is not known, so they are led where the link leads
const SEARCHES = {
  search: ["AU", "CA", "GB", "IE", "IN", "NZ", "US", "ZA"],
  Suche: ["AT", "CH", "DE"],
  recherche: ["FR"],
  buscar: ["AR", "CL", "CO", "ES", "MX", "PE"],
  cerca: ["IT"],
  busca: ["BR"],
};
const OWN_NAMES = { GB: "uk" };
// of a language that comes without a country; who reads English may be anywhere
const AT_HOME = { de: "DE", fr: "FR", es: "ES", it: "IT" };

// "DE" of "de-DE" or "de"; "" where it is not said
function countryOf(language) {
  const [first, ...rest] = String(language ?? "").split(/[-_]/);
  const region = rest.find((part) => /^[A-Za-z]{2}$/.test(part));
  return region ? region.toUpperCase() : (AT_HOME[first.toLowerCase()] ?? "");
}

// an address as the reader's country has it, by what the browser says of the language; others than JustWatch's stay
function whereSeen(address, language) {
  if (!IN_THE_US.test(address)) return address;
  const country = countryOf(language);
  const [search] = Object.entries(SEARCHES).find(([, countries]) => countries.includes(country)) ?? [];
  if (!search) return address;
  const place = OWN_NAMES[country] ?? country.toLowerCase();
  return address.replace(IN_THE_US, `$1/${place}/${search}?`);
}

if (typeof module === "object") module.exports = { countryOf, whereSeen };
