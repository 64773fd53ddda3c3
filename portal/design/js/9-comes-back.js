// <meta name="comes-back" content="3">: this page waits for work of ours. Every so many seconds it asks itself again, and
// is loaded anew only when it would say something else: nobody loses the place where they read. Without JavaScript the
// page's own meta refresh does it. A page that may be the answer to a form says its own address (data-at): loading that
// answer anew would send the form again.
import { enhance } from "./0-core.js";

enhance("meta[name=comes-back]", (meta) => {
  const words = (page) => page.querySelector("main")?.textContent.replace(/\s+/g, " ");
  const said = words(document);
  const at = meta.dataset.at;
  let timer = 0;
  const ask = async () => {
    if (document.visibilityState !== "visible") { return; }
    try {
      const answer = await fetch(at || location.href, { headers: { "X-Requested-With": "fetch" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (timer && (!answer.ok || words(page) !== said)) {
        clearInterval(timer);
        timer = 0;  // loaded anew once: a second question may be on its way
        if (at) { location.replace(at); } else { location.reload(); }
      }
    } catch { /* without network the page says what it knew; the next round tells more */ }
  };
  timer = setInterval(ask, Number(meta.content) * 1000);
});
