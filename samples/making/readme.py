# SPDX-License-Identifier: GPL-2.0-or-later
"""samples/README.md, from the table and the facts that were noted when the files were made."""

from textwrap import dedent

INTRODUCTION = """\
# Sample captures

Traffic of real programs on real kernels, captured on `vsockmon` devices inside the test machines of `tests/vm`; what no
package of Debian's speaks is built from the protocols' documents by `samples/making/built.py`, and is said to be.
`samples/make` makes them again, `samples/make NAME...` some of them; this page is made from `samples/making/table.py`.
In the commands `await PORT` waits until somebody listens there. `VSDUMP_BUILD` is the build folder.
CID 1 is loopback, CID 2 the host, CID 42 a virtual machine whose side is played through `/dev/vhost-vsock`, so that
the packets pass the host kernel's own code.

"""


def row(sample, facts):
    """The table's line of a sample."""
    return f"| [{sample.file}](#{sample.name.replace('.', '')}) | {'built' if sample.isBuilt else sample.kernel} | {facts['packets']} |\n"


def section(sample, facts):
    """What there is to say about one file."""
    if sample.isBuilt:
        return f"\n## {sample.name}\n\n{sample.shows}\n\n{facts['packets']} packets, built and not captured.\n"
    commands = dedent(sample.commands).strip()
    kept = f", and what is kept with `vsdump -r FILE -w {sample.file} {sample.keeps}`" if sample.keeps else ""
    return f"""
## {sample.name}

{sample.shows}

{facts['packets']} packets, Linux {facts['kernel']}, modules {', '.join(sample.modules)}, captured with `{sample.captureCommand()}`{kept}:

```
{commands}
```
"""


def readme(samples, facts):
    """The whole page; `facts` by name."""
    rows = "".join(row(sample, facts[sample.name]) for sample in samples)
    sections = "".join(section(sample, facts[sample.name]) for sample in samples)
    return f"{INTRODUCTION}| file | kernel | packets |\n|---|---|---|\n{rows}{sections}"
