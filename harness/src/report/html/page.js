'use strict';
const filter = document.getElementById('filter');
if (filter) {
  const rows = [...document.querySelectorAll('#rule-rows > tr')];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const input = filter.querySelector('input');
  const output = filter.querySelector('output');
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(' ').filter((word) => word);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    output.textContent = words.length ? shown + ' of ' + rows.length : '';
  });
  filter.hidden = false;
}
function open() {
  let there = null;
  try {
    there = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch (error) {
    return;
  }
  for (let at = there; at; at = at.parentElement) {
    if (at.tagName === 'DETAILS') at.open = true;
    if (at.tagName === 'TR') at.hidden = false;
  }
  if (there) there.scrollIntoView();
}
addEventListener('hashchange', open);
open();
