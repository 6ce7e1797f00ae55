// Choices of a reader that outlast a visit, where the browser lets a file remember.

export function remembered(key) {
  try { return localStorage.getItem(`paperatlas-${key}`); } catch { return null; }
}

export function remember(key, value) {
  try { localStorage.setItem(`paperatlas-${key}`, value); } catch { /* private windows refuse */ }
}
