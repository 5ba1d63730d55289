"""What a check means, how to fix what it finds, and by which settings it judged, as parts of the page."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_clipdata.findings import counted
from pytest_clipdata.reports.html.text import html_text
from pytest_clipdata.reports.manual import blocks, pieces
from pytest_clipdata.reports.rule import InForce, RuleText

_LONG = 20_000  #: characters of one paragraph or example


def limits(rule: RuleText) -> str:
    """The settings of a check in one line; those that are not the defaults stand out."""
    if not rule.settings:
        return ""
    return f'<p class="limits">Judged by {", ".join(map(_setting, rule.settings))}</p>'


def _setting(setting: InForce) -> str:
    text = f"<code>{html_text(setting.key)} = {html_text(setting.value, 300)}</code>"
    return f"<b>{text}</b> (changed)" if setting.changed else text


def manual_page(rule: RuleText) -> str:
    """The manual page of a check, folded, and the ways out of its findings."""
    parts = []
    for block in blocks(rule.full):
        if block.example:
            parts.append(f"<pre><code>{_lines(block.text)}</code></pre>")
        else:
            words = "".join(
                f"<code>{html_text(text, _LONG)}</code>" if code else html_text(text, _LONG)
                for text, code in pieces(block.text)
            )
            parts.append(f"<p>{words}</p>")
    name = html_text(rule.id)
    fix = (
        "<p><b>How to fix it.</b> Mend the rows in their file, a place below opens it at the line; what a machine can "
        "mend without doubt, <code>clipdata fix PATH</code> shows. Or let <code>--clip-quarantine DIR</code> write "
        "copies of the sources without these rows. What is meant to be so goes into "
        "<code>--clip-baseline FILE</code>, or the rule is changed in the settings: "
        f"<code>[{name}]</code> in <code>clipdata.toml</code>.</p>"
    )
    return (
        '<details class="manual"><summary>What this check means, and how to fix it</summary>'
        f"<div>{''.join(parts)}{fix}</div></details>"
    )


def _lines(text: str) -> str:
    return "\n".join(html_text(line, _LONG) for line in text.splitlines())


def settings_table(beside: Iterable[InForce], rules: Iterable[RuleText]) -> str:
    """Every setting in force, folded, with the number of those that were changed."""
    rows = [("", setting) for setting in beside]
    rows += [(f"{rule.id}.", setting) for rule in rules for setting in rule.settings]
    if not rows:
        return ""
    changed = sum(setting.changed for _, setting in rows)
    cells = "".join(
        f'<tr><th scope="row"><code>{html_text(prefix + setting.key)}</code></th>'
        f"<td><code>{html_text(setting.value, 300)}</code></td><td>{'changed' if setting.changed else ''}</td></tr>"
        for prefix, setting in rows
    )
    return (
        f"<details><summary>{counted(len(rows), 'setting')} in force, {changed:,} changed</summary>"
        '<div class="scroll"><table><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>'
        f'<th scope="col"></th></tr></thead><tbody>{cells}</tbody></table></div></details>'
    )
