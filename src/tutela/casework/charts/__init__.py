"""Charts for every desk: a Vega-Lite specification, drawn as SVG on the server and made interactive by the browser."""
