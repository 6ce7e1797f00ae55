// Why two papers are near, in words that a reader can check in both texts: the phrases that they
// share. The same as `pipeline.reasons.explain`, whose word lists and factors come with the page.

import { lazy } from "./lazy.js";

const WORD = /[\p{L}\p{N}]+(?:[-’'+][\p{L}\p{N}]+)*\+*/gu;
const ADDRESS = /(?:https?:[/]{2}|www\.)\S+|(?<![\w.-])[\w.-]+\.(?:com|org|net|io|edu)\b\S*/g;
const SENTENCE_END = /[.?!][)\]”’"]*\s+(?=[A-Z“"(])/;
const NO_REASON = 4;
const EVERYDAY_TERM = 3;

let judge = null;

// A judge of phrases, ready once the word lists are unpacked.
export async function reasonJudge() {
  judge = judge || lazy.rules().then((rules) => new PhraseJudge(rules));
  return judge;
}

class PhraseJudge {
  constructor(rules) {
    this.rules = rules;
    for (const name of ["stop", "inner", "scholarly", "looseStarts", "looseEnds", "nounsInLy", "nounsLikeAdjectives", "everyday", "verbs"]) {
      this[name] = new Set(rules[name]);
    }
    for (const name of ["adjective", "compoundNoun", "hanging", "participle"]) this[name] = new RegExp(rules[name]);
    this.irregular = new Map(Object.entries(rules.irregular));
  }

  // The form in which words are compared: lower case, singular, without hyphens.
  keyOf(word) {
    let plain = word.toLowerCase().replaceAll("-", "").replaceAll("’", "'");
    if (plain.endsWith("'s")) plain = plain.slice(0, -2);
    if (this.irregular.has(plain)) return this.irregular.get(plain);
    if (plain.length > 4 && plain.endsWith("ies")) return `${plain.slice(0, -3)}y`;
    if (plain.length > 4 && /(?:sses|shes|ches|xes)$/.test(plain)) return plain.slice(0, -2);
    if (plain.length > 3 && plain.endsWith("s") && !/(?:ss|us|is)$/.test(plain)) return plain.slice(0, -1);
    return plain;
  }

  // Every phrase of one to four words that could be a name, as often as it is there: {key, text}.
  phrases(text) {
    const found = [];
    for (const segment of this.segments(text)) this.addPhrases(segment, found);
    return found;
  }

  // Runs of words with nothing but single spaces between them.
  segments(text) {
    const plain = text.replace(ADDRESS, " | ");
    const runs = [];
    let end = -1;
    for (const match of plain.matchAll(WORD)) {
      if (end < 0 || plain.slice(end, match.index) !== " ") runs.push([]);
      runs[runs.length - 1].push({ text: match[0], key: this.keyOf(match[0]), small: match[0].toLowerCase() });
      end = match.index + match[0].length;
    }
    return runs;
  }

  addPhrases(segment, found) {
    const ends = segment.map((word) => this.mayEnd(word));
    for (let start = 0; start < segment.length; start++) {
      if (!ends[start]) continue;
      let nInner = 0;
      for (let stop = start + 1; stop <= Math.min(start + this.rules.most, segment.length); stop++) {
        if (ends[stop - 1]) {
          const chosen = segment.slice(start, stop);
          found.push({ key: phraseKey(chosen), text: chosen.map((word) => word.text).join(" ") });
        }
        const { small } = segment[stop - 1]; // inside whatever is longer
        if (this.stop.has(small)) nInner++;
        if (nInner > 1 || (this.stop.has(small) && !this.inner.has(small))) break;
      }
    }
  }

  mayEnd({ small, key }) {
    return !(this.stop.has(small) || this.stop.has(key) || [...key].length < 2 || /^\p{N}/u.test(small));
  }

  // How well a text is formed as a name, in [0, 1]; 0 where it cannot be one.
  form(text) {
    const words = text.toLowerCase().split(" ");
    const [first, last] = [words[0], words[words.length - 1]];
    if ([...text].length > this.rules.longest || this.looseStarts.has(first) || this.looseEnds.has(last)) return 0;
    if (words.some((word) => word.endsWith("ly") && !this.nounsInLy.has(word))) return 0;
    if (words.every((word) => this.scholarly.has(word) || this.inner.has(word))) return 0;
    const { length, telling, inner, adjective, scholarly } = this.rules.factors;
    let factor = length[words.length - 1];
    if (words.length === 1 && (hasCapitalInside(text) || this.compoundNoun.test(text))) factor = telling;
    if (words.some((word) => this.inner.has(word))) factor *= inner;
    if (this.adjective.test(last) && !this.nounsLikeAdjectives.has(last)) factor *= adjective;
    for (const word of new Set([first, last])) if (this.scholarly.has(word)) factor *= scholarly;
    return factor;
  }

  // How much a phrase says; 0 for what half of a field's papers say.
  weight({ key, text }) {
    const little = isPlainWord(text) && ([...text].length < this.rules.shortest || this.everyday.has(this.keyOf(text)));
    return little ? 0 : this.form(text) * key.length;
  }

  // How telling a shared phrase is, 0 the most; `nTopics`: how many of the texts are about it.
  kind(key, text, nTopics) {
    const everyday = key.every((word) => this.everyday.has(word) || this.inner.has(word));
    if (key.length > 1) return everyday ? EVERYDAY_TERM : this.isClean(text) ? 0 : NO_REASON;
    if (hasCapitalInside(text)) return everyday ? EVERYDAY_TERM : 0;
    if (everyday || !nTopics || this.hanging.test(text)) return NO_REASON;
    return isPlainWord(text) ? 3 - nTopics : 0;
  }

  // False for the piece of a clause: `trained on natural language`, `grounding aims`.
  isClean(text) {
    const words = text.toLowerCase().split(" ");
    if (words.some((word) => this.verbs.has(word))) return false;
    return !words.some((word, k) => this.inner.has(words[k + 1]) && (this.participle.test(word) || this.scholarly.has(word)));
  }

  // One text's side of its reasons: {weights, counts, topics} by phrase.
  sideOf({ title, abstract }) {
    const counts = new Map();
    const weights = new Map();
    for (const mention of this.phrases(`${title}\n${abstract}`)) {
      const name = mention.key.join(" ");
      counts.set(name, (counts.get(name) || 0) + 1);
      const weight = counts.get(name) === 1 ? this.weight(mention) : 0;
      if (weight) weights.set(name, weight);
    }
    const opening = (title.trim() || abstract.trim()).split(SENTENCE_END)[0];
    const first = new Set(this.phrases(opening).map((mention) => mention.key.join(" ")));
    const topics = new Set([...weights.keys()].filter((name) => first.has(name) || counts.get(name) > 1));
    return { weights, counts, topics };
  }

  // The phrases that a paper shares with one whose side this is, as it writes them, the most telling first.
  shared(side, { title, abstract }) {
    const inTitle = this.phrases(title);
    const said = this.phrases(abstract);
    const running = new Map();
    for (const { key, text } of said) {
      const name = key.join(" ");
      if (/^\p{Ll}/u.test(text) && !running.has(name)) running.set(name, text);
    }
    const found = new Map(); // name -> {key, text, count}
    for (const { key, text } of [...inTitle, ...said]) {
      const name = key.join(" ");
      if (!side.weights.has(name)) continue;
      if (!found.has(name)) found.set(name, { name, key, text: running.get(name) || text, count: 0 });
      found.get(name).count++;
    }
    const titled = new Set(inTitle.map((mention) => mention.key.join(" ")));
    for (const phrase of found.values()) {
      const nTopics = side.topics.has(phrase.name) + (titled.has(phrase.name) || phrase.count > 1);
      phrase.kind = this.kind(phrase.key, phrase.text, nTopics);
      const often = Math.min(side.counts.get(phrase.name), phrase.count);
      phrase.weight = side.weights.get(phrase.name) * (1 + Math.log2(often) / 2);
    }
    return this.mostTelling([...found.values()]);
  }

  // The weightiest of the best kind there is, none with a word of another.
  mostTelling(phrases) {
    const best = Math.min(NO_REASON, ...phrases.map((phrase) => phrase.kind));
    const telling = phrases.filter((phrase) => phrase.kind === best && best < NO_REASON).sort(byWeight);
    const chosen = [];
    for (const phrase of telling) {
      const whole = this.whole(phrase, telling);
      const words = new Set(chosen.flatMap((other) => other.key));
      if (whole.key.some((word) => words.has(word)) || chosen.some((other) => isShortFor(whole.key, other.key))) continue;
      chosen.push(whole);
      if (chosen.length === this.rules.mostShared) break;
    }
    return chosen.map((phrase) => phrase.text.replace(/['’]s$/, ""));
  }

  // The longest shared term that this one is a piece of.
  whole(phrase, telling) {
    const own = new Set(phrase.key);
    const holds = ({ key }) => new Set(key).size > own.size && [...own].every((word) => key.includes(word));
    const wider = telling.filter((other) => holds(other) && this.isClean(other.text));
    const wins = (a, b) => b.key.length - a.key.length || b.weight - a.weight || compareKeys(b.key, a.key);
    return wider.sort(wins)[0] || phrase;
  }
}

// The words' keys; `merging models` has the key of `model merging`.
function phraseKey(words) {
  const keys = words.map((word) => word.key);
  if (keys.length === 2 && keys[0].endsWith("ing") && !keys[1].endsWith("ing")) keys.reverse();
  return keys;
}

function hasCapitalInside(text) {
  return text.slice(1) !== text.slice(1).toLowerCase();
}

function isPlainWord(text) {
  return /^\p{L}+$/u.test(text) && !hasCapitalInside(text);
}

// True for an acronym of the other phrase, or a piece of its word: `BN`, `re-id`.
function isShortFor(key, other) {
  if (key.length !== 1 || key[0].length > 6) return false;
  const initials = other.map((word) => word[0]).join("");
  if (key[0] === initials || key[0] === `${initials}s`) return true;
  return other.some((word) => key[0].length >= 3 && word.startsWith(key[0]) && word !== key[0]);
}

function compareKeys(one, other) {
  for (let k = 0; k < Math.min(one.length, other.length); k++) {
    if (one[k] !== other[k]) return one[k] < other[k] ? -1 : 1;
  }
  return one.length - other.length;
}

function byWeight(one, other) {
  return other.weight - one.weight || compareKeys(one.key, other.key);
}
