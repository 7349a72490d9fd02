// When an evening is looked at anew, and what an address says of one. Knows nothing of the page; stands before tonight.js and
// shares its scope.

const PAUSE = 5000; // ms
const MOST_ASKED = 360; // times in a row while nobody does anything: half an hour
const CODE = /[?&]code=([2-9A-Za-z]{6})(?:&|$)/;

// whether the server is to be asked: somebody takes part, and has the tab before their eyes
const isToAsk = ({ version, visible, open, asked }) => Boolean(version) && visible && open && asked < MOST_ASKED;

// the code in a fragment such as "#tonight?code=ABC234"; "" if there is none
const codeIn = (fragment) => (/^#!?\/?tonight\b/i.test(fragment) ? (CODE.exec(fragment)?.[1] ?? "").toUpperCase() : "");

// the address of an evening, for who has the page at this address
const linkTo = (address, code) => `${address.split("#", 1)[0]}#tonight?code=${encodeURIComponent(code)}`;

if (typeof module === "object") module.exports = { PAUSE, MOST_ASKED, isToAsk, codeIn, linkTo };
