/* What the page remembers from one visit to the next, where the browser lets it. */

const PREFIX = "antiphon ";

export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise; // no storage here, or not our writing
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    return; // then it is so for this visit only
  }
}
