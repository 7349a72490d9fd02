// What is known of a visit: what the browser keeps of it, the door that was chosen, what the address says. Knows nothing of the
// page; stands before doors.js and account.js and shares their scope.

const TABS = { "genre-tab": "Genres", "rate-tab": "Rate" }; // what doors lead to

// of what a browser may keep for somebody, and may refuse to; storage: () => a Storage
function recalled(storage, key) {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function keep(storage, key, value) {
  try {
    value === null ? storage().removeItem(key) : storage().setItem(key, value);
  } catch {
    /* then it is forgotten */
  }
}

// a browser may have kept anything
const leadsTo = (door) => (Object.hasOwn(TABS, door ?? "") ? TABS[door] : null);

// whether the address leads to a place by itself; what is left of one that is empty does not
const leadsElsewhere = (fragment) => fragment.length > 1;

// why who comes back from another place has not signed in; null: the address says nothing that is known
function reasonIn(search, problems) {
  const code = new URLSearchParams(search).get("problem");
  const known = JSON.parse(problems || "{}");
  return code && Object.hasOwn(known, code) ? known[code] : null;
}

if (typeof module === "object") module.exports = { TABS, recalled, keep, leadsTo, leadsElsewhere, reasonIn };
