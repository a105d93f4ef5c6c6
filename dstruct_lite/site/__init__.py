"""Building the self-hosted JupyterLite site: what `dstruct_lite.addon` wires into `jupyter lite build`.

Runs on the host only; none of it is in the wheel that goes to the browser.
"""
