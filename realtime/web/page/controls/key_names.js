/* Keys of a computer named as they are printed: wherever the page speaks of one by where it lies.

Knows marks in the page. Must not know what the keys do. */

/** Each key, and each button whose words end with its key, with the letter that is printed there. */
export function nameKeys(page, letterOf) {
  for (const key of page.querySelectorAll("kbd[data-code]")) key.textContent = letterOf(key.dataset.code);
  for (const button of page.querySelectorAll("button[data-code]")) {
    button.title = button.title.replace(/ \(\S+\)$/, ` (${letterOf(button.dataset.code)})`);
  }
}
