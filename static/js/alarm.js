"use strict";
// The sound of a new alert, by level. Browsers demand one press first; from then on it is remembered on this device.
// The desk mutes for ten minutes at a time: the mute ends by itself, and a new high alert ends it at once.
window.shouwang.alarm = (() => {
  const KEY = "shouwang.sound";
  const MUTE_KEY = "shouwang.muted-until";
  const MUTE = 10 * 60 * 1000;
  const TONES = {
    high: [[880, 0, 0.16], [1175, 0.2, 0.16], [880, 0.4, 0.16], [1175, 0.6, 0.16], [880, 0.8, 0.16], [1175, 1, 0.24]],
    medium: [[784, 0, 0.18], [988, 0.26, 0.22]],
    low: [[659, 0, 0.2]],
  };
  const LOUD = { high: 0.5, medium: 0.3, low: 0.18 };
  const button = document.getElementById("sound");
  const muted = button?.querySelector("[data-face='muted']");
  const OFFICE_TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" };
  let audio = null;

  function mutedUntil() {
    return muted ? Number(window.localStorage.getItem(MUTE_KEY)) : 0;
  }

  function isMuted() {
    return mutedUntil() > Date.now();
  }

  function mute(until) {
    window.localStorage.setItem(MUTE_KEY, String(until));
    show();
  }

  function wanted() {
    return Boolean(muted) || window.localStorage.getItem(KEY) !== "off";
  }

  function isAwake() {
    return wanted() && audio !== null && audio.state === "running";
  }

  function isOn() {
    return isAwake() && !isMuted();
  }

  function show() {
    if (!button) return;
    const face = isOn() ? "on" : isAwake() && muted ? "muted" : "off";
    if (button.dataset.shown === face) return;
    button.dataset.shown = face;
    button.setAttribute("aria-pressed", String(face === "on"));
    for (const one of button.querySelectorAll("[data-face]")) one.hidden = one.dataset.face !== face;
    if (face === "muted") {
      // The time of this device's clock plus what it is wrong by: the office's time on every screen.
      const moment = new Date(window.shouwang.now() + mutedUntil() - Date.now());
      muted.querySelector("[data-until-time]").textContent = new Intl.DateTimeFormat("en-GB", OFFICE_TIME).format(moment);
    }
  }

  async function wake() {
    audio ??= new AudioContext();
    await audio.resume();
    show();
  }

  function play(level) {
    if (!isOn()) return;
    for (const [pitch, start, length] of TONES[level] ?? []) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const at = audio.currentTime + start;
      tone.frequency.value = pitch;
      tone.type = level === "high" ? "square" : "sine";
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(LOUD[level], at + 0.02);
      volume.gain.linearRampToValueAtTime(0, at + length);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + length);
    }
  }

  // What nobody has touched nags; a mute holds until it ends.
  function nag(level) {
    play(level);
    if (level === "high" && !isMuted()) navigator.vibrate?.([400, 150, 400, 150, 400]);
  }

  // Something new: a high alert is heard whatever was muted.
  function ring(level) {
    if (level === "high" && isMuted()) mute(0);
    play(level);
    if (level === "high") navigator.vibrate?.([400, 150, 400, 150, 400]);
  }

  button?.addEventListener("click", async () => {
    const turnOn = !isOn();
    window.localStorage.setItem(KEY, turnOn || muted ? "on" : "off");
    if (turnOn) {
      mute(0);
      await wake();
      play("low");
    } else if (muted) {
      mute(Date.now() + MUTE);
    } else {
      await audio?.suspend();
      show();
    }
  });
  // Any press on the page serves where the sound was on before.
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (wanted() && !isAwake() && !event.target.closest?.("#sound")) wake();
    });
  }
  window.setInterval(show, 1000);
  show();
  return { ring, nag };
})();

// Who is watching hears of what is new: a sound, a word for screen readers, a count in the title bar.
(() => {
  const herald = document.getElementById("herald");
  if (!herald) return;
  const title = document.title;
  const NAG = { high: 15000, medium: 60000, low: 300000 };
  const ORDER = ["high", "medium", "low"];
  const waiting = () => [...document.querySelectorAll("[data-waiting]")];
  let known = new Set(waiting().map((card) => card.id));
  let rung = Date.now();

  function worst(cards) {
    return ORDER.find((level) => cards.some((card) => card.dataset.level === level));
  }

  function count() {
    const cards = waiting();
    const urgent = cards.some((card) => card.dataset.level === "high") ? "▲" : "";
    document.title = cards.length ? `${urgent}(${cards.length}) ${title}` : title;
  }

  document.addEventListener("htmx:afterSettle", () => {
    const cards = waiting();
    const fresh = cards.filter((card) => !known.has(card.id));
    known = new Set(cards.map((card) => card.id));
    if (fresh.length) {
      rung = Date.now();
      window.shouwang.alarm.ring(worst(fresh));
      window.shouwang.outside.tell(fresh);
      herald.textContent = fresh.map((card) => card.dataset.said).join(" ");
    }
    count();
  });
  // What nobody has touched nags, by level, until somebody acts.
  window.setInterval(() => {
    const level = worst(waiting());
    if (level && Date.now() - rung > NAG[level]) {
      rung = Date.now();
      window.shouwang.alarm.nag(level);
    }
  }, 1000);
  count();
})();
