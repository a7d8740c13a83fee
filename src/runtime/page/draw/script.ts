/**
 * The page's script, served by itself. It keeps the page as new as the server, and says loudly when it
 * cannot: whatever it does not confirm for a while, the style sheet greys by itself.
 */
export const SCRIPT = `'use strict';
(() => {
  const SLOW = 12000, GRACE = 3000, RETRY = 5000, HIDDEN = 30000;
  const find = (id) => document.getElementById(id);
  const region = new URLSearchParams(location.search).get('region');
  const query = region === null ? '' : 'region=' + encodeURIComponent(region);
  let fresh = Date.now(), broken = 0, tried = 0, skew = 0;
  let stream, busy = false, again = false, spoken = find('main').dataset.spoken;

  const utc = (time) => new Date(time).toISOString().slice(11, 19);

  // What is shown is what the server has: the animations that grey the page begin anew.
  const confirm = (at) => {
    fresh = Date.now();
    broken = 0;
    skew = Date.parse(at) - fresh;
    find('asof').textContent = at.slice(11, 19);
    for (const each of [find('main'), find('old')])
      for (const animation of each.getAnimations()) animation.currentTime = 0;
    show();
  };

  const show = () => {
    const now = Date.now();
    const slow = document.hidden ? HIDDEN + SLOW : SLOW;
    const lost = now - fresh > slow || (broken > 0 && now - broken > GRACE);
    document.documentElement.classList.toggle('stale', lost);
    find('link').textContent = lost ? '' : stream && stream.readyState === 1 ? '· live' : '· renewed again and again';
    const says = 'CONNECTION LOST since ' + utc(fresh + skew) + ' UTC: what is shown below is OLD. Trying again …';
    if (lost && (find('lost').hidden || find('lost').textContent !== says)) find('lost').textContent = says;
    find('lost').hidden = !lost;
    const title = find('main').dataset.title;
    if (find('icon').getAttribute('href') !== find('main').dataset.icon) find('icon').href = find('main').dataset.icon;
    document.title = lost ? 'OLD · ' + title : title;
  };

  const ago = (seconds) =>
    seconds < 60 ? seconds + 's'
    : seconds < 3600 ? Math.floor(seconds / 60) + 'm'
    : seconds < 86400 ? Math.floor(seconds / 3600) + 'h ' + Math.floor((seconds % 3600) / 60) + 'm'
    : Math.floor(seconds / 86400) + 'd ' + Math.floor((seconds % 86400) / 3600) + 'h';

  const age = (root) => {
    for (const each of root.querySelectorAll('time[data-ago]')) {
      const says = ago(Math.max(0, Math.floor((Date.now() + skew - Date.parse(each.dateTime)) / 1000)));
      if (each.textContent !== says) each.textContent = says;
    }
  };

  // Replaced by sections, and only those that are different: nobody who reads loses the place.
  const put = (next) => {
    const main = find('main');
    const open = new Map([...main.querySelectorAll('details[id]')].map((each) => [each.id, each.open]));
    const marker = (element) => element && (element.id ? '#' + CSS.escape(element.id)
      : element.tagName === 'SUMMARY' ? marker(element.parentElement) + '>summary'
      : element.href ? 'a[href="' + CSS.escape(element.getAttribute('href')) + '"]' : '');
    const focus = main.contains(document.activeElement) ? marker(document.activeElement) : '';
    for (const each of next.querySelectorAll('details[id]'))
      if (open.has(each.id)) each.open = open.get(each.id);
    const same = (a, b) => [...a.querySelectorAll('section')].map((each) => each.id).join() ===
      [...b.querySelectorAll('section')].map((each) => each.id).join();
    const y = scrollY;
    if (same(main, next)) {
      for (const section of next.querySelectorAll('section')) {
        const before = find(section.id);
        if (before.innerHTML !== section.innerHTML || before.className !== section.className)
          before.replaceWith(document.importNode(section, true));
      }
    } else main.replaceChildren(...[...next.childNodes].map((each) => document.importNode(each, true)));
    for (const name of ['hash', 'now', 'icon', 'title', 'spoken']) main.dataset[name] = next.dataset[name];
    if (focus && !main.contains(document.activeElement)) main.querySelector(focus)?.focus({ preventScroll: true });
    if (scrollY !== y) scrollTo(0, y);
    if (next.dataset.spoken !== spoken) find('spoken').textContent = spoken = next.dataset.spoken;
  };

  const renew = async () => {
    if (busy) { again = true; return; }
    busy = true;
    tried = Date.now();
    try {
      const answer = await fetch('/?fragment&' + query, { cache: 'no-store', signal: AbortSignal.timeout(8000) });
      if (!answer.ok) throw new Error(answer.status);
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
      if (!next) throw new Error('no page');
      age(next);
      put(next);
      confirm(next.dataset.now);
    } catch {
      broken ||= Date.now();
    } finally {
      busy = false;
      if (again) { again = false; renew(); }
    }
  };

  const listen = () => {
    stream?.close();
    stream = new EventSource('/live?' + query);
    stream.addEventListener('state', ({ data }) => {
      const { hash, at } = JSON.parse(data);
      if (hash === find('main').dataset.hash) confirm(at);
      else renew();
    });
    stream.addEventListener('error', () => { broken ||= Date.now(); });
  };

  // A page that nobody looks at holds no connection, of which a browser has few; it asks now and then.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { stream?.close(); stream = undefined; }
    else { listen(); renew(); }
  });

  setInterval(() => {
    const wait = document.hidden ? HIDDEN : RETRY;
    if ((!stream || stream.readyState === 2) && Date.now() - tried > wait) {
      if (!document.hidden) listen();
      renew();
    }
    age(document);
    show();
  }, 1000);
  addEventListener('pageshow', ({ persisted }) => { if (persisted) { listen(); renew(); } });
  if (!document.hidden) listen();
})();
`;
