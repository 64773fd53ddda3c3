// Page images: previous, next, nearer, farther. Without JavaScript all pages stand one below the other.
import { enhance } from "./0-core.js";

enhance("[data-viewer]", (viewer) => {
  const box = viewer.querySelector(".viewer-pages");
  const pages = [...box.querySelectorAll("img")];
  const at = viewer.querySelector("[data-at]");
  let here = 0;
  let zoom = 1;
  const show = () => {
    at.textContent = `${here + 1} de ${pages.length}`;
    viewer.querySelector("[data-page='-1']").disabled = here === 0;
    viewer.querySelector("[data-page='1']").disabled = here >= pages.length - 1;
    viewer.querySelector("[data-zoom='-1']").disabled = zoom === 1;
    viewer.querySelector("[data-zoom='1']").disabled = zoom === 3;
  };
  if (!pages.length) { return; }
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) { return; }
    if (button.dataset.page) {
      here = Math.min(pages.length - 1, Math.max(0, here + Number(button.dataset.page)));
      box.scrollTo({ top: pages[here].offsetTop - box.offsetTop });
    } else if (button.dataset.zoom) {
      viewer.classList.remove(`zoom-${zoom}`);
      zoom = Math.min(3, Math.max(1, zoom + Number(button.dataset.zoom)));
      viewer.classList.add(`zoom-${zoom}`);
    }
    show();
  });
  box.addEventListener("scroll", () => {
    const middle = box.scrollTop + box.clientHeight / 2;
    here = pages.findLastIndex((page) => page.offsetTop - box.offsetTop <= middle);
    here = Math.max(0, here);
    show();
  }, { passive: true });
  show();
});
