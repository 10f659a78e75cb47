/* A page of which a part didn't come, as on a machine that is very busy, is asked for again, a few times.

Runs before everything else and by itself: what it watches over may not be there. */

(() => {
  const TIMES = 5;
  const FIRST_AFTER_MS = 500;
  const COUNT = "asked-again";
  const counted = () => Number(sessionStorage.getItem(COUNT) ?? 0);

  addEventListener(
    "error",
    ({ target }) => {
      if (!(target instanceof HTMLScriptElement)) return;
      try {
        const times = counted();
        if (times >= TIMES) return;
        sessionStorage.setItem(COUNT, String(times + 1));
        setTimeout(() => location.reload(), FIRST_AFTER_MS * 2 ** times);
      } catch {
        /* Without a memory of how often, it would be asked for without end. */
      }
    },
    { capture: true },
  );
  addEventListener("load", () => {
    try {
      if (globalThis.antiphon) sessionStorage.removeItem(COUNT);
    } catch {
      /* Nothing was remembered. */
    }
  });
})();
