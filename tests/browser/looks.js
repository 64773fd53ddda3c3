// What a person would see wrong on a page: each function answers with sentences, none when all is well.
({
  // WCAG 1.4.3 for every visible word and what a field says: its colour over the colours that lie behind it.
  pale() {
    const parts = text => { const n = text.match(/[\d.]+/g).map(Number), unit = text.startsWith('color(') ? 255 : 1;
      return [n[0] * unit, n[1] * unit, n[2] * unit, n.length > 3 ? n[3] : 1]; };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = e => { const layers = [];
      for (let one = e; one; one = one.parentElement) {
        const colour = parts(getComputedStyle(one).backgroundColor);
        if (colour[3] > 0) { layers.push(colour); }
        if (colour[3] === 1) { break; }
      }
      return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]); };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set(), faults = [];
    const measure = (e, style) => {
      const ground = behind(e), ink = over(parts(style.color), ground);
      const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
      const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
      if (ratio < (large ? 3 : 4.5)) { faults.push(`${ratio.toFixed(2)} ${e.outerHTML.slice(0, 120)}`); }
    };
    while (walker.nextNode()) {
      const e = walker.currentNode.parentElement, box = e.getBoundingClientRect();
      if (seen.has(e) || !walker.currentNode.data.trim() || box.width < 2 || e.closest(':disabled, title, script')) { continue; }
      seen.add(e);
      if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) { continue; }
      measure(e, getComputedStyle(e));
    }
    for (const e of document.querySelectorAll('input, select, textarea')) {
      if (e.disabled || ['hidden', 'checkbox', 'radio', 'file'].includes(e.type)) { continue; }
      if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) { continue; }
      measure(e, getComputedStyle(e, e.placeholder && !e.value ? '::placeholder' : null));
    }
    return faults.slice(0, 4);
  },
  // Everything that is reached by key shows it (WCAG 2.4.7), in the order of the page (2.4.3).
  focus() {
    const reachable = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter(e => !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}));
    const faults = [], before = document.activeElement;
    for (const e of reachable) {
      e.focus({preventScroll: true, focusVisible: true});  // as after a key
      if (document.activeElement !== e) { continue; }
      const shown = [e, e.parentElement, e.nextElementSibling, ...(e.labels || []), e.closest('label, .file-upload, [data-file-input]')]
        .filter(Boolean).some(one => { const s = getComputedStyle(one);
          return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; });
      if (!shown) { faults.push('no focus to see: ' + e.outerHTML.slice(0, 120)); }
      if (e.tabIndex > 0) { faults.push('out of order: ' + e.outerHTML.slice(0, 120)); }
    }
    document.activeElement?.blur();
    if (before !== document.body) { before?.focus({preventScroll: true}); }
    return [...new Set(faults)].slice(0, 4);
  },
  // One first heading, a title with the product, a way on, ids once, errors told where they are.
  shape() {
    const faults = [], all = q => [...document.querySelectorAll(q)];
    const seen = all('h1').filter(e => e.checkVisibility());
    if (seen.length !== 1) { faults.push(`${seen.length} h1`); }
    const title = document.title.trim();
    if (!/^\S.* · Cauce$/.test(title) || title.startsWith('Portal ·')) { faults.push(`titled «${title}»`); }
    if (document.documentElement.lang !== 'es-MX') { faults.push('no language'); }
    const ways = all('main a[href], main form, .site-header a[href]').filter(e => e.checkVisibility());
    if (!ways.some(e => e.closest('main'))) { faults.push('a dead end: no way on in main'); }
    const ids = all('[id]').map(e => e.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    if (twice.length) { faults.push(`ids twice: ${[...new Set(twice)]}`); }
    for (const name of ['aria-describedby', 'aria-labelledby', 'aria-controls', 'for']) {
      for (const e of all(`[${name}]`)) {
        const lost = e.getAttribute(name).split(/\s+/).filter(id => id && !document.getElementById(id));
        if (lost.length) { faults.push(`${name} names nothing: ${lost}`); }
      }
    }
    for (const e of location.pathname.startsWith('/_ui/') ? [] : all('main a[href^="#"]')) {
      if (!document.getElementById(decodeURIComponent(e.hash.slice(1)))) { faults.push(`leads nowhere: ${e.hash}`); }
    }
    for (const e of all('[aria-invalid=true]')) {
      const named = [e, e.closest('fieldset')].map(one => one?.getAttribute('aria-describedby') || '').join(' ');
      const told = named.split(/\s+/).map(id => document.getElementById(id));
      if (!told.some(one => one && one.matches('.error, .field-error, [class*=error]'))) {
        faults.push('an error that is not told at its field: ' + e.outerHTML.slice(0, 120));
      }
    }
    const summary = document.querySelector('.error-summary');
    if (summary && summary.checkVisibility() && document.activeElement !== summary) {
      faults.push('the focus is not on the error summary');
    }
    return faults;
  },
  // Nothing sticks out on the right, and nobody's name is squeezed into a column of letters at the top.
  wide() {
    const edge = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - edge;
    const out = () => [...document.querySelectorAll('body *')]
      .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > edge + 1)
      .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right));
    const tall = document.querySelector('.site-header')?.offsetHeight > 8 * 16;
    return [...(over > 0 ? [`${over} px wider than ${edge}: ${out()}`] : []), ...(tall ? ['the header is squeezed'] : [])];
  },
  // A folio is read as one word: its letters stand on one line, wherever the page says it.
  folios() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faults = [], range = document.createRange();
    while (walker.nextNode()) {
      const text = walker.currentNode;
      for (const found of text.data.matchAll(/(?<![\w-])[A-Z]{2}-(?:[A-Z0-9]+-)?\d{4}-\d{6}(?![\w-])/g)) {
        if (!text.parentElement.checkVisibility({visibilityProperty: true})) { continue; }
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));  // a first letter is a box of its own
        if (lines.size > 1) { faults.push(`a folio is broken: ${text.parentElement.outerHTML.slice(0, 160)}`); }
      }
    }
    return [...new Set(faults)].slice(0, 4);
  },
  // What axe finds on the page. Of the rules that it leaves out unless asked, WCAG 2.2 wants the first, plain sense the others.
  // The first, of sizes, takes as long as all others together: it is asked where a target is small and not by itself.
  async axe() {
    const asked = ['label-content-name-mismatch', 'td-has-header', 'css-orientation-lock', 'table-fake-caption',
      'focus-order-semantics', 'hidden-content'];
    const box = e => { const b = e.getBoundingClientRect(); return {e, left: b.left, top: b.top, right: b.right,
      bottom: b.bottom, x: b.left + b.width / 2, y: b.top + b.height / 2, small: Math.min(b.width, b.height) < 24}; };
    const crowded = () => {
      const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role], [tabindex]')]
        .filter(e => !e.disabled && e.type !== 'hidden' && (e.matches('[tabindex]') || e.tabIndex >= 0)
          && e.checkVisibility({visibilityProperty: true})).map(box);
      return all.some((one, at) => all.some((other, there) => {
        if (at === there || one.e.contains(other.e) || other.e.contains(one.e)) { return false; }
        const [dx, dy] = [Math.max(other.left - one.x, 0, one.x - other.right), Math.max(other.top - one.y, 0, one.y - other.bottom)];
        if (one.small && (Math.hypot(dx, dy) < 12 || other.small && Math.hypot(one.x - other.x, one.y - other.y) < 24)) { return true; }
        return one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
      }));
    };
    // Of rows that differ in words and numbers alone the first two are read.
    const alike = [...document.querySelectorAll('main :is(tbody, ul, ol, dl)')].flatMap(list => { const met = {};
      return [...list.children].filter(row => {
        const shape = row.outerHTML.replace(/>\s+</g, '><').replace(/>[^<]+</g, '>…<')
          .replace(/ (?!class|type|role|tabindex|aria-hidden)([\w-]+)="[^"]+"/g, ' $1="…"');
        met[shape] = (met[shape] || 0) + 1;
        return met[shape] > 2 && !row.contains(document.activeElement); }); });
    if (!window.axe) { window.bringAxe(); }
    const rules = Object.fromEntries([...asked.map(one => [one, {enabled: true}]), ['color-contrast', {enabled: false}],
      ['target-size', {enabled: crowded()}]]);
    const places = alike.map(row => [row, row.parentElement, row.nextSibling]).reverse();
    for (const row of alike) { row.remove(); }
    const told = await window.axe.run(document, {resultTypes: ['violations'], elementRef: false, preload: false, rules});
    for (const [row, list, next] of places) { list.insertBefore(row, next?.parentElement === list ? next : null); }
    return told.violations.map(one => `${one.id} (${one.impact}): `
      + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '));
  },
  // A new size or theme has been drawn.
  settled() { return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done([])))); },
})
