"""The test of a reader as one page that needs nothing else, as `imagier.testing.html` makes it."""

from imagier.files import printable, version
from imagier.i18n import language
from imagier.reading import line_sentences
from imagier.reading.line_advice import line_advice
from imagier.reading.line_findings import LineFindings
from imagier.reading.line_sections import LINE_SECTIONS
from imagier.testing.html import page_template
from imagier.testing.sentences import verdict_sentence
from imagier.testing.set_cautions import overlap_sentence

__all__ = ["line_report_html"]


def line_report_html(report: LineFindings) -> str:
    """Write the report as a self-contained page in the user's language.

    Args:
        report: What a test found.
    """
    sections = [
        (one.name, one.template, facts)
        for one in LINE_SECTIONS
        if (facts := one.facts(report)) is not None
    ]
    found, verdict = line_advice(report), verdict_sentence(report, room="line_report")
    said = {overlap_sentence(report), found.sentence}
    is_beaten = report.interval[0] > report.baseline  # the bar of the page shows it
    baseline = None if is_beaten else line_sentences.baseline_sentence(report)
    remarks = (baseline, line_sentences.gap_sentence(report))
    return page_template("line_report.html.j2", room="imagier.reading").render(
        report=report,
        advice=found,
        verdict=verdict if verdict != found.sentence else None,
        sections=sections,
        lines=line_sentences,
        remarks=[one for one in remarks if one],
        cautions=[one for one in line_sentences.cautions(report) if one not in said],
        characters=[printable(name) for name in report.card.classes[1:]],
        language=language(),
        version=version(),
        overlap=overlap_sentence(report),
    )
