"""Money, dates, icons, masks and forms as every screen writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template

from portal.design import dates
from portal.design.forms import ClabeInput, FileInput, MoneyInput
from portal.design.tables import kpi_html


def draw(source: str, **context) -> str:
    return Template(source).render(Context(context))


def test_months_and_weekdays_are_good_spanish() -> None:
    written = [dates.long(date(2026, month, 1)) for month in range(1, 13)]
    names = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
    assert [text.split(" de ")[1] for text in written] == names
    assert all(text == text.lower() and "." not in text for text in written)
    week = [dates.long(date(2026, 11, day)).split()[0] for day in range(16, 23)]
    assert week == ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
    assert [dates.short(date(2026, month, 1)).split()[1] for month in range(1, 13)] == [name[:3] for name in names]


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ v|fecha }}", date(2026, 11, 22), '<time class="nowrap" datetime="2026-11-22">22 nov 2026</time>'),
        (
            "{{ v|fecha_larga }}",
            date(2026, 11, 22),
            '<time class="nowrap" datetime="2026-11-22">domingo 22 de noviembre de 2026</time>',
        ),
        (
            "{{ v|hora }}",
            datetime(2026, 11, 22, 15, 30, tzinfo=UTC),
            '<time class="nowrap" datetime="2026-11-22T09:30:00-06:00">22 nov 2026, 09:30</time>',
        ),
        (
            "{{ v|fecha }}",
            datetime(2026, 11, 22, 5, 59, tzinfo=UTC),
            '<time class="nowrap" datetime="2026-11-21T23:59:00-06:00">21 nov 2026</time>',
        ),
        ("{{ v|fecha }}", None, "—"),
        ("{{ v|hora }}", "", "—"),
        ("{{ v|cuando }}", "a más tardar mañana", "a más tardar mañana"),
        (
            "{{ v|cuando }}",
            "2026-11-21T10:10:00",
            '<time class="nowrap" datetime="2026-11-21T10:10:00">21 nov 2026, 10:10</time>',
        ),
        ("{{ v|cuando }}", "2026-11-21", '<time class="nowrap" datetime="2026-11-21">21 nov 2026</time>'),
        ("{{ v|money }}", Decimal("1305"), "$1,305.00"),
        ('{{ v|money:"CLP" }}', Decimal("1623000"), "$1.623.000"),
        ("{{ v|money }}", Decimal("-1450"), "-$1,450.00"),
        ("{{ v|money }}", None, "—"),
        ("{{ v|money }}", Decimal(0), "$0.00"),
        ("{{ v|money_in:f }}", Decimal("12.5"), "$12.50"),
        ('{{ v|mask:"clabe" }}', "", "—"),
        ("{{ v|filesize_es }}", 0, "0 KB"),
        ("{{ v|filesize_es }}", 400, "1 KB"),
        ("{{ v|filesize_es }}", 61_000_000, "61.0 MB"),
    ],
)
def test_a_value_is_written_one_way(source: str, value: object, expected: str) -> None:
    assert draw(source, v=value, f={}) == expected


def test_a_clabe_shows_only_its_end() -> None:
    shown = draw('{{ v|mask:"clabe" }}', v="002010077777777771")
    assert shown.endswith("7771") and "0020100777" not in shown


def test_an_icon_is_decoration_unless_it_has_a_name() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "check" %}')
    named = draw('{% icon "check" v %}', v='Listo" onload="x')
    assert 'role="img"' in named and "onload" not in named.replace("&quot; onload=", "")
    assert "style=" not in named


def test_two_forms_never_share_a_key() -> None:
    one, other = draw("{% once_key %}"), draw("{% once_key %}")
    assert one != other and 'type="hidden"' in one


def test_a_number_says_where_it_comes_from() -> None:
    explanation = {
        "title": "Retención",
        "formula": "base × tasa",
        "inputs": [["Base", "$100.00"]],
        "result": "$10.00",
        "rules": [{"code": "withholding.PF", "version": 2, "source": "S0.21"}],
    }
    text = " ".join(draw("{% figure v %}", v=explanation).split())
    assert "¿De dónde sale este número?" in text and "withholding.PF, versión 2" in text
    assert "summary" not in draw("{% figure v %}", v=None)


class PaymentForm(forms.Form):
    clabe = forms.CharField(label="CLABE", widget=ClabeInput, help_text="18 dígitos.")
    amount = forms.CharField(label="Importe", widget=MoneyInput(attrs={"class": "ancho"}), required=False)
    proof = forms.FileField(label="Comprobante", widget=FileInput(accept=".pdf"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_form_draws_itself_with_our_fields() -> None:
    text = str(PaymentForm({"clabe": ""}))
    assert 'class="error-summary"' in text and 'href="#id_clabe"' in text
    assert 'inputmode="numeric"' in text and 'data-format="clabe"' in text
    assert 'class="money-sign"' in text and 'class="ancho"' in text
    assert "Elegir archivo" in text and 'accept=".pdf"' in text
    assert text.count("(opcional)") == 2
    assert text.count('name="token"') == 1


def test_a_field_alone_is_the_same_field() -> None:
    form = PaymentForm()
    assert form["clabe"].as_field_group() in str(form)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("90,000.00", Decimal("90000.00")),
        ("1,234,567", Decimal(1234567)),
        ("90000", Decimal(90000)),
        ("900.50", Decimal("900.50")),
        ("90,00", None),
        ("9,0000", None),
        ("1.000,00", None),
    ],
)
def test_an_amount_is_read_as_its_script_groups_it_and_what_is_read_in_two_ways_is_refused(
    typed: str, read: Decimal | None
) -> None:
    class Sum(forms.Form):
        amount = forms.DecimalField(widget=MoneyInput, decimal_places=2)

    form = Sum({"amount": typed})
    assert form.is_valid() == (read is not None) and form.cleaned_data.get("amount") == read


def test_an_error_is_escaped() -> None:
    form = PaymentForm({"clabe": "1"})
    form.add_error("clabe", "<b>no</b>")
    assert "<b>no</b>" not in str(form) and "&lt;b&gt;no" in str(form)


def test_a_folio_in_a_text_is_never_broken_and_the_text_stays_escaped() -> None:
    whole = '<span class="folio">FA-2026-000001</span>'
    assert draw("{{ text|folios }}", text="FA-2026-000001: <b>listo</b>") == f"{whole}: &lt;b&gt;listo&lt;/b&gt;"
    assert draw("{{ text|linebreaks|folios }}", text="Folio FA-2026-000001.") == f"<p>Folio {whole}.</p>"
    office = draw("{{ text|folios }}", text="El oficio OF-DAM-2026-000012 y no XFA-2026-000001-7x")
    assert office.startswith('El oficio <span class="folio">OF-DAM-2026-000012</span> y no XFA')
    assert draw("{{ text|folios }}", text="Cuenta DV-7106, Ana") == 'Cuenta <span class="folio">DV-7106</span>, Ana'
    assert whole in kpi_html("$1.00", "lunes · FA-2026-000001", "/x/", "") and "<b>" in kpi_html("1", "a", "", "")
