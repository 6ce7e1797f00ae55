// Long work in short turns: the page answers between them.

const TURN_MS = 8;

export class Turns {
  constructor() {
    this.began = performance.now();
  }

  get isOver() {
    return performance.now() - this.began > TURN_MS;
  }

  // Lets the page breathe; a new turn begins.
  async pause() {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.began = performance.now();
  }
}
