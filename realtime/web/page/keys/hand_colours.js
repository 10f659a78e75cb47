/* The colours of hands: each page at one partner has its own, so that two players see who played what.

A page is a hand with a number, from 1 on; a keyboard that is no page's is no hand, and looks like the first. Must not know
what is drawn. */

/** As many as the eye keeps apart: after the last, hands have the first again. */
export const HAND_COLOURS = [
  [255, 176, 92], // amber
  [255, 143, 184], // rose
  [206, 224, 98], // lime
  [184, 164, 255], // lavender
];

/** Which of the colours a hand has, from 0; no hand at all has the first. */
export function placeOfHand(hand = 1) {
  return (hand - 1) % HAND_COLOURS.length;
}

/** The colour of a hand for style sheets. */
export function inkOfHand(hand) {
  return `rgb(${HAND_COLOURS[placeOfHand(hand)].join(" ")})`;
}
