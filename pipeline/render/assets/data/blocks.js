// The blocks of data in the page, deflated and in base64; see pipeline/render/blocks.py. The script
// runs while those behind it are still being read, so that one waits for what it asks for.

// Says once, on top of the page, why it cannot go on.
let hasComplained = false;
function complain(sentence) {
  if (hasComplained) throw new Error(sentence);
  hasComplained = true;
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  notice.textContent = sentence;
  document.body.prepend(notice);
  throw new Error(sentence);
}

if (typeof DecompressionStream === "undefined") {
  complain("This browser is too old to unpack the map: please open it in one of 2023 or later.");
}

// Whole is an element that something follows, or any when the page has been read to its end.
function wholeBlock(id) {
  const element = document.getElementById(id);
  const isWhole = element && (element.nextElementSibling || document.readyState !== "loading");
  return isWhole ? element : null;
}

// Calls back whenever the parser has added an element to the page, and when it is done.
const waiting = new Set();
const observer = new MutationObserver(look);
document.addEventListener("DOMContentLoaded", look);

function look() {
  for (const act of waiting) act();
  if (!waiting.size) observer.disconnect();
}

function block(id) {
  return new Promise((resolve, reject) => {
    const tryAgain = () => {
      const element = wholeBlock(id);
      if (!element && document.readyState === "loading") return;
      waiting.delete(tryAgain);
      if (element) resolve(element.textContent);
      else reject(new Error("missing"));
    };
    waiting.add(tryAgain);
    observer.observe(document.body, { childList: true });
    tryAgain();
  });
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function inflated(id) {
  const packed = bytesOf(await block(id));
  const inflate = new DecompressionStream("deflate");
  const writer = inflate.writable.getWriter();
  // What goes wrong here is told by the reading end.
  writer.write(packed).catch(() => {});
  writer.close().catch(() => {});
  return new Response(inflate.readable);
}

async function unpacked(id, read) {
  try {
    return await read(await inflated(id));
  } catch {
    return complain(`This file is not whole: its part ${id} cannot be read. Please fetch it again.`);
  }
}

export function unpackJson(id) {
  return unpacked(id, (response) => response.json());
}

export function unpackText(id) {
  return unpacked(id, (response) => response.text());
}

export function unpackBytes(id) {
  return unpacked(id, async (response) => new Uint8Array(await response.arrayBuffer()));
}

// Reads what was written in planes: all low bytes, then all next ones, and so on.
export class PlaneReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  next(n) {
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  // Whole numbers of `nBytes` bytes each, added into `numbers`.
  numbers(numbers, nBytes) {
    for (let k = 0; k < nBytes; k++) {
      const plane = this.next(numbers.length);
      for (let i = 0; i < numbers.length; i++) numbers[i] |= plane[i] << (8 * k);
    }
    return numbers;
  }
}
