"""Mutants of SVGs that show one raster picture: ways to write it, to point at it, to encode it, to wrap it; cuts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache, partial
from random import Random
from urllib.parse import quote, quote_from_bytes

from tests.support.mutations import bmp, gif, ico, jpeg, png, profiles, webp
from tests.support.mutations.pieces import Format, Kinds, cuts, followed, image, picture
from tests.support.pictures import encode

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
TYPES = {
    "image/png": png,
    "image/jpeg": jpeg,
    "image/gif": gif,
    "image/webp": webp,
    "image/bmp": bmp,
    "image/x-icon": ico,
}


def uri(data: bytes, mime: str = "image/jpeg") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _svg(wide: int, high: int, body: str, more: str = "") -> str:
    return f'<svg {NAMESPACES} width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"{more}>{body}</svg>'


def _image(wide: int, high: int, address: str, more: str = "") -> str:
    return f'<image width="{wide}" height="{high}" href="{address}"{more}/>'


def _addresses(one: bytes) -> dict[str, Callable[[Random], str]]:
    """Ways to write one data URI."""
    coded = base64.b64encode(one).decode()

    def broken(rng: Random, by: str) -> str:
        size = rng.randint(40, 90)
        return "data:image/jpeg;base64," + by.join(coded[k : k + size] for k in range(0, len(coded), size))

    return {
        "plain": lambda _: uri(one),
        "upper case": lambda _: f"DATA:IMAGE/JPEG;BASE64,{coded}",
        "without padding": lambda _: f"data:image/jpeg;base64,{coded.rstrip('=')}",
        "in lines": lambda rng: broken(rng, "\n"),
        "in lines, told by number": lambda rng: broken(rng, "&#10;"),
        "with spaces": lambda rng: broken(rng, " "),
        "with tabs": lambda rng: broken(rng, "\t"),
        "with percents": lambda _: f"data:image/jpeg;base64,{quote(coded, safe='')}",
        "with some percents": lambda rng: f"data:image/jpeg;base64,{coded.replace('A', '%41')}",
        "not base64": lambda _: f"data:image/jpeg,{quote_from_bytes(one, safe='')}",
        "with parameters": lambda _: f"data:image/jpeg;charset=utf-8;name=x.jpg;base64,{coded}",
        "space before base64": lambda _: f"data:image/jpeg; base64,{coded}",
        "of another type": lambda _: uri(one, "image/png"),
        "of an unknown type": lambda _: uri(one, "image/abcd"),
        "of no type": lambda _: uri(one, ""),
        "with a fragment": lambda _: f"{uri(one)}#here",
        "with space around": lambda _: f" \n{uri(one)} ",
        "first letter by number": lambda _: f"&#100;ata:image/jpeg;base64,{coded}",
        "letters by number": lambda _: "".join(f"&#x{ord(c):x};" for c in "data:image/jpeg;") + f"base64,{coded}",
        "slash by number": lambda _: f"data:image&#47;jpeg;base64,{coded.replace('/', '&#x2F;')}",
        "tab in the scheme": lambda _: f"da&#9;ta:image/jpeg;base64,{coded}",
    }


def _pointed(wide: int, high: int, address: str) -> dict[str, str]:
    """Ways to show what is at an address."""
    size = f'width="{wide}" height="{high}"'
    page = '<foreignObject {size}><{tag} xmlns="http://www.w3.org/1999/xhtml" {more}/></foreignObject>'
    html = partial(page.format, size=size)
    style = f"width:{wide}px;height:{high}px;background:url({address})"
    return {
        "by xlink": f'<image {size} xlink:href="{address}"/>',
        "in single quotes": f"<image {size} href='{address}'/>",
        "with space around the equals": f'<image {size} href = "{address}" />',
        "with an end tag": f'<image {size} href="{address}"></image>',
        "in a group": f'<g transform="scale(1)"><g>{_image(wide, high, address)}</g></g>',
        "as a pattern": f'<defs><pattern id="p" patternUnits="userSpaceOnUse" {size}>'
        f'{_image(wide, high, address)}</pattern></defs><rect {size} fill="url(#p)"/>',
        "as a symbol": f'<symbol id="s">{_image(wide, high, address)}</symbol><use href="#s"/>',
        "used": f'<defs><image id="i" {size} href="{address}"/></defs><use href="#i"/>',
        "by a filter": f'<filter id="f" x="0" y="0" width="1" height="1"><feImage href="{address}"/></filter>'
        f'<rect {size} filter="url(#f)"/>',
        "in a page": html(tag="img", more=f'{size} src="{address}"'),
        "as a background": html(tag="div", more=f'style="{style}"'),
        "as a background, quoted": html(tag="div", more=f'style="{style}"'.replace("(", "('").replace(")", "')")),
        "as a background by a style sheet": f"<style>.b {{ {style} }}</style>" + html(tag="div", more='class="b"'),
        "as a background by a raw style sheet": f"<style><![CDATA[.b {{ {style} }}]]></style>"
        + html(tag="div", more='class="b"'),
        "by a style sheet with escapes": f"<style>.b {{ {style.replace('data:', chr(92) + '64 ata' + chr(92) + '3a ')} "
        f"}}</style>" + html(tag="div", more='class="b"'),
        "by a style sheet in a style sheet": "<style>@import url('data:text/css,"
        + quote(f".b {{ {style} }}")
        + "');</style>"
        + html(tag="div", more='class="b"'),
        "as one of several sources": html(tag="img", more=f'{size} srcset="{address} 1x"'),
        "in a mask": f'<mask id="m"><rect {size} fill="white"/></mask><g mask="url(#m)">'
        f"{_image(wide, high, address)}</g>",
        "mirrored": f'<g transform="translate({wide} 0) scale(-1 1)"><g transform="translate({wide} 0) scale(-1 1)">'
        f"{_image(wide, high, address)}</g></g>",
        "after comments": f"<!-- {'x' * 3000} -->{_image(wide, high, address)}",
        "with shapes": f'<rect width="3" height="3" fill="red"/>{_image(wide, high, address)}<circle r="2"/>',
        "stretched": _image(wide, high, address, ' preserveAspectRatio="none"'),
        "by a selfmade prefix": f'<v:image xmlns:v="http://www.w3.org/2000/svg" {size} href="{address}"/>',
        "in another SVG": f"<svg {size}>{_image(wide, high, address)}</svg>",
        "in an SVG of its own": _image(
            wide, high, uri(_svg(wide, high, _image(wide, high, address)).encode(), "image/svg+xml")
        ),
        "in an SVG of an SVG": _image(
            wide,
            high,
            "data:image/svg+xml,"
            + quote(
                _svg(
                    wide,
                    high,
                    _image(wide, high, uri(_svg(wide, high, _image(wide, high, address)).encode(), "image/svg+xml")),
                )
            ),
        ),
    }


def _negatives(number: int) -> Kinds:
    """A picture that is stored as its negative, and what turns it over again."""
    wide, high = picture(number).shape[1::-1]
    address = uri(encode(profiles.negative(number), "JPEG", quality=92))
    matrix = "-1 0 0 0 1  0 -1 0 0 1  0 0 -1 0 1  0 0 0 1 0"
    ways = {
        "by a filter": f'<filter id="f" color-interpolation-filters="sRGB"><feColorMatrix values="{matrix}"/></filter>'
        + _image(wide, high, address, ' filter="url(#f)"'),
        "by a style": _image(wide, high, address, ' style="filter:invert(1)"'),
        "by a style sheet": "<style>image { filter: invert(1) }</style>" + _image(wide, high, address),
        "by what lies over it": _image(wide, high, address)
        + f'<rect width="{wide}" height="{high}" fill="white" style="mix-blend-mode:difference"/>',
    }
    return {f"turned over {name}": lambda _, body=body: _svg(wide, high, body).encode() for name, body in ways.items()}


def _files(wide: int, high: int, address: str) -> Kinds:
    """Ways to write the file."""
    body = _image(wide, high, address)
    plain = _svg(wide, high, body)
    head = '<?xml version="1.0" encoding="{}"?>'
    entity = f'<!DOCTYPE svg [<!ENTITY a "{address}">]>'
    ways: dict[str, bytes] = {
        "with a declaration": (head.format("utf-8") + plain).encode(),
        "with a byte order mark": b"\xef\xbb\xbf" + plain.encode(),
        "in UTF-16": (head.format("utf-16") + plain).encode("utf-16"),
        "in Latin": (head.format("iso-8859-1") + "<!-- \xe4 -->" + plain).encode("latin-1"),
        "with a document type": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'
        + plain.encode(),
        "by an entity": (entity + _svg(wide, high, _image(wide, high, "&a;"))).encode(),
        "by an entity of markup": (
            entity.replace(address, body.replace('"', "'")).replace("<image", "&#60;image") + _svg(wide, high, "&a;")
        ).encode(),
        "space first": b"\n\n  " + plain.encode(),
        "a comment first": b"<!-- a picture -->" + plain.encode(),
        "an instruction first": b'<?xml-stylesheet href="none.css"?>' + plain.encode(),
        "long comment first": b"<!-- " + b"x" * 70_000 + b" -->" + plain.encode(),
        "never closed": plain.removesuffix("</svg>").encode(),
        "closed wrongly": plain.replace("</svg>", "</g>").encode(),
        "an attribute without quotes behind": plain.replace("</svg>", "<g a=b/></svg>").encode(),
        "an unknown entity behind": plain.replace("</svg>", "<text>&nothing;</text></svg>").encode(),
        "a script": plain.replace("</svg>", "<script>1</script></svg>").encode(),
        "prefixed": plain.replace("<svg", "<s:svg xmlns:s='http://www.w3.org/2000/svg'")
        .replace("</svg", "</s:svg")
        .encode(),
        "line ends of another kind": plain.replace(" ", "\r\n").encode(),
        "without a size": plain.replace(f'width="{wide}" height="{high}" viewBox', "viewBox", 1).encode(),
        "without a box": plain.replace(f'viewBox="0 0 {wide} {high}"', "").encode(),
    }
    return {name: lambda _, made=made: made for name, made in ways.items()}


def write(number: int) -> bytes:
    wide, high = picture(number).shape[1::-1]
    return _svg(wide, high, _image(wide, high, uri(jpeg.write(number)))).encode()


def kinds(data: bytes) -> Kinds:
    number = next(n for n in range(8) if f'width="{picture(n).shape[1]}"'.encode() in data[:400])
    wide, high = picture(number).shape[1::-1]
    one = jpeg.write(number)
    found: Kinds = {
        f"address {name}": lambda rng, made=made: _svg(wide, high, _image(wide, high, made(rng))).encode()
        for name, made in _addresses(one).items()
    }
    for name, body in _pointed(wide, high, uri(one)).items():
        found[f"shown {name}"] = lambda _, body=body: _svg(wide, high, body).encode()
    for mime, module in TYPES.items():
        found[f"holds {mime}"] = lambda _, mime=mime, module=module: _svg(
            wide, high, _image(wide, high, uri(module.write(number), mime))
        ).encode()
        found[f"holds {mime}, cut near its end"] = lambda rng, mime=mime, module=module: _svg(
            wide, high, _image(wide, high, uri(module.write(number)[: -rng.randint(1, 300)], mime))
        ).encode()
    seen = image(number)
    seen.putalpha(255)
    found["holds a picture with transparency"] = lambda _: _svg(
        wide, high, _image(wide, high, uri(encode(seen, "PNG"), "image/png"))
    ).encode()
    found |= _negatives(number)
    return found | _files(wide, high, uri(one)) | cuts(data) | followed(data)


FORMAT = Format("svg", "image/svg+xml", cache(write), kinds)
