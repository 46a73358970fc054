"""What Chromium shows of a file: its pixels on a page of one colour; many files in one page."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Error

from tests.support.mutations import Mutant
from tests.support.mutations.appearances import ON_BLACK, TIMED

_ADDRESS = "https://shown.invalid/"
# A larger picture is drawn smaller.
LONGEST = 320
# A picture or video that neither loads nor fails is not shown.
_PATIENCE_MS = 8000
_SHOW = """async ([files, longest, patience]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const loaded = (image, address) => new Promise((done) => {
    const late = setTimeout(() => done(false), patience);
    image.onload = () => { clearTimeout(late); done(true); };
    image.onerror = () => { clearTimeout(late); done(false); };
    image.src = address;
  });
  const show = async ([mime, text, ground, timed]) => {
    // A canvas that a page within an SVG was drawn on can be read only if the SVG came as a data URI.
    const written = mime.includes("svg");
    const blob = () => URL.createObjectURL(new Blob([bytes(text)], {type: mime}));
    const address = written ? `data:${mime};base64,${text}` : blob();
    try {
      if (mime.startsWith("video/")) {
        const video = document.createElement("video");
        video.muted = true;
        const good = await played(video, address);
        const look = () => drawn(video, video.videoWidth, video.videoHeight, ground);
        const seen = !good ? null : timed ? usual(await along(video, look)) : look();
        video.remove();
        return seen;
      }
      if (timed) return await longestShown(mime, bytes(text), ground);
      const image = new Image();
      if (!await loaded(image, address)) return null;
      if (written) await image.decode();
      return drawn(image, image.naturalWidth, image.naturalHeight, ground);
    } catch { return null; } finally { if (!written) URL.revokeObjectURL(address); }
  };
  const played = (video, address) => new Promise((done) => {
    const late = setTimeout(() => done(false), patience);
    // A frame can be drawn only once it was put on the page.
    video.requestVideoFrameCallback(() => { clearTimeout(late); done(true); });
    video.onerror = () => { clearTimeout(late); done(false); };
    document.body.append(video);
    video.src = address;
    video.play().catch(() => {});
  });
  // Looks at places that no clock's marks fall on.
  const along = async (video, look) => {
    const seen = [];
    video.pause();
    for (let place = 0; place < 9; place++) {
      await new Promise((done) => {
        const late = setTimeout(done, patience);
        video.onseeked = () => { clearTimeout(late); done(); };
        video.currentTime = video.duration * (place + 0.43) / 9;
      });
      seen.push(look());
    }
    return seen;
  };
  // Of several pictures the one that the others differ from least.
  const usual = (seen) => {
    const apart = (one, other) => {
      let sum = 0;
      const [a, b] = [atob(one[2]), atob(other[2])];
      for (let i = 0; i < a.length; i += 97) sum += Math.abs(a.charCodeAt(i) - b.charCodeAt(i));
      return sum;
    };
    const far = (one) => seen.map((other) => apart(one, other)).sort((a, b) => a - b)[Math.floor(seen.length / 2)];
    return seen.reduce((best, one) => far(one) < far(best) ? one : best);
  };
  // Of a moving picture what is shown longest, by the browser's decoder and its rule for short times.
  const longestShown = async (type, data, ground) => {
    const decoder = new ImageDecoder({data, type});
    await decoder.tracks.ready;
    await decoder.completed;
    const {frameCount, repetitionCount} = decoder.tracks.selectedTrack;
    const times = new Map();
    for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
      const {image} = await decoder.decode({frameIndex});
      const seen = drawn(image, image.displayWidth, image.displayHeight, ground);
      const milliseconds = (image.duration ?? 0) / 1000;
      const stays = frameIndex === frameCount - 1 && Number.isFinite(repetitionCount);
      const time = stays ? Infinity : milliseconds < 11 ? 100 : milliseconds;
      const known = [...times.keys()].find((one) => one[2] === seen[2]) ?? seen;
      times.set(known, (times.get(known) ?? 0) + time);
      image.close();
    }
    return [...times].reduce((best, one) => one[1] > best[1] ? one : best)[0];
  };
  const drawn = (image, wide, high, ground) => {
      if (!wide || !high) return null;
      const scale = Math.min(1, longest / Math.max(wide, high));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(wide * scale));
      canvas.height = Math.max(1, Math.round(high * scale));
      const context = canvas.getContext("2d", {willReadFrequently: true});
      context.fillStyle = ground;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
      let colours = "";
      for (let i = 0; i < data.length; i += 4) {
        colours += String.fromCharCode(data[i], data[i + 1], data[i + 2]);
      }
      return [canvas.width, canvas.height, btoa(colours)];
  };
  return Promise.all(files.map(show));
}"""

type Shown = NDArray[np.uint8] | None


def shown(browser: Browser, files: Sequence[Mutant], ground: str = "white") -> list[Shown]:
    """RGB, rows × columns × 3, of each file as it is shown; None where nothing is. A file may crash its page.

    `ground`: the colour of the page, as a style names it. The kind of a file may name another, and that what is shown
    longest is to be taken (`appearances`).
    """
    given = [
        [
            one.mime,
            base64.b64encode(one.data).decode(),
            "black" if one.kind.startswith(ON_BLACK) else ground,
            one.kind.startswith(TIMED),
        ]
        for one in files
    ]
    page = browser.new_page()
    try:
        # Browsers give the frames of a moving picture to pages of a secure address alone.
        page.route(_ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        page.goto(_ADDRESS)
        return [_pixels(one) for one in page.evaluate(_SHOW, [given, LONGEST, _PATIENCE_MS])]
    except Error as error:
        if "crashed" not in error.message:
            raise
    finally:
        page.close()
    return [None] if len(files) == 1 else [seen for one in files for seen in shown(browser, [one], ground)]


def _pixels(answer: tuple[int, int, str] | None) -> Shown:
    if answer is None:
        return None
    width, height, text = answer
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 3)
