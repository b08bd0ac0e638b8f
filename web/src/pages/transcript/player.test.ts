import assert from "node:assert/strict";
import test from "node:test";
import { attach, hasFailed, isPlaying, time } from "./player.ts";

globalThis.cancelAnimationFrame ??= () => {};

/** As much of an <audio> as the player uses, which loads when it is told to. */
class Sound extends EventTarget {
  currentTime = 0;
  duration = 600;
  paused = true;
  readyState = 4;
  loads = 0;
  load(): void {
    this.loads += 1;
    this.currentTime = 0;
  }
  async play(): Promise<void> {}
  pause(): void {}
  tell(name: string): void {
    this.dispatchEvent(new Event(name));
  }
}

function attached(): { sound: Sound; letGo: () => void } {
  const sound = new Sound();
  return { sound, letGo: attach(sound as unknown as HTMLAudioElement) };
}

test("sound that breaks off goes on where it was, and is given up when it does not come back", () => {
  const { sound, letGo } = attached();
  sound.tell("loadedmetadata");
  sound.tell("canplay");
  sound.currentTime = 301;
  sound.tell("seeked");
  isPlaying.value = true;
  sound.tell("error");
  assert.equal(sound.loads, 1);
  assert.equal(hasFailed.value, false);
  sound.tell("loadedmetadata");
  assert.equal(sound.currentTime, 301);
  sound.tell("canplay");
  sound.tell("error");
  sound.tell("error");
  assert.deepEqual([sound.loads, hasFailed.value], [2, true]);
  letGo();
  assert.deepEqual([hasFailed.value, time.value], [false, 0]);
});

test("sound that was never there is not asked for twice", () => {
  const { sound, letGo } = attached();
  sound.tell("error");
  assert.deepEqual([sound.loads, hasFailed.value], [0, true]);
  letGo();
});
