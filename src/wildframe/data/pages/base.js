// What the scripts of all pages share. Text of the data never becomes markup.
"use strict";

const by = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children); // strings become text nodes
  return made;
}
