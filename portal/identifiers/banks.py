"""Banks by the first three digits of a CLABE: code, name in SPEI, still active. Retired codes live on in old accounts.

A code that is missing here is only a warning: Banxico adds participants every year. A bank whose licence the CNBV took
away is another matter: its accounts are being wound up and receive nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Bank:
    """One participant: three-digit code, short name in SPEI, whether it still operates under it.

    `licence_ended`: the day on which it lost its licence, None for all that merely merged, left or were renamed.
    """

    code: str
    name: str
    active: bool = True
    licence_ended: date | None = None


_ACTIVE = """
001 BANXICO
002 BANAMEX
006 BANCOMEXT
009 BANOBRAS
012 BBVA MEXICO
014 SANTANDER
019 BANJERCITO
021 HSBC
030 BAJIO
036 INBURSA
042 MIFEL
044 SCOTIABANK
058 BANREGIO
059 INVEX
060 BANSI
062 AFIRME
072 BANORTE
106 BANK OF AMERICA
108 MUFG
110 JP MORGAN
112 BMONEX
113 VE POR MAS
124 CITI MEXICO
127 AZTECA
128 AUTOFIN
129 BARCLAYS
130 COMPARTAMOS
132 MULTIVA BANCO
133 ACTINVER
135 NAFIN
136 INTERCAM BANCO
137 BANCOPPEL
138 UALA
140 CONSUBANCO
141 VOLKSWAGEN
145 BBASE
147 BANKAOOL
148 PAGATODO
150 INMOBILIARIO
151 DONDE
152 BANCREA
154 BANCO COVALTO
155 ICBC
156 SABADELL
157 SHINHAN
158 MIZUHO BANK
159 BANK OF CHINA
160 BANCO S3
166 BABIEN
167 HEY BANCO
168 HIPOTECARIA FED
600 MONEXCB
601 GBM
602 MASARI
605 VALUE
616 FINAMEX
617 VALMEX
620 PROFUTURO
630 CB INTERCAM
631 CI BOLSA
634 FINCOMUN
638 NUBANK
646 STP
652 CREDICAPITAL
653 KUSPIT
656 UNAGRA
659 ASP INTEGRA OPC
661 KLAR
670 LIBERTAD
677 CAJA POP MEXICA
680 CRISTOBAL COLON
683 CAJA TELEFONIST
684 TRANSFER
685 FONDO (FIRA)
688 CREDICLUB
689 FOMPED
699 FONDEADORA
703 TESORED
706 ARCUS FI
710 NVIO
714 PPBALANCEMX
715 CASHI CUENTA
720 MEXPAGO
721 ALBO
722 MERCADO PAGO W
723 CUENCA
725 COOPDESARROLLO
727 TRANSFER DIRECTO
728 SPIN BY OXXO
729 DEP Y PAG DIG
730 SWAP
732 PEIBO
734 FINCO PAY
738 FINTOC
901 CLS
902 INDEVAL
903 CODI VALIDA
"""
# Merged, closed or no longer in SPEI: accounts opened then kept their CLABE for years.
_RETIRED = """
022 GE MONEY
032 IXE
037 INTERACCIONES
103 AMERICAN EXPRESS
116 ING
126 CREDIT SUISSE
134 WAL-MART
139 UBS BANK
149 FORJADORES
153 PROGRESO
606 ESTRUCTURADORES
607 TIBER
608 VECTOR
610 B&B
614 ACCIVAL
615 MERRILL LYNCH
618 UNICA
619 MAPFRE
621 CB ACTINVER
622 OACTIN
623 SKANDIA VIDA
626 CBDEUTSCHE
627 ZURICH
628 ZURICHVI
629 SU CASITA
632 BULLTICK CB
633 STERLING
636 HDI SEGUROS
637 ORDER
640 CB JPMORGAN
642 REFORMA
647 TELECOMM
648 EVERCORE
649 SKANDIA
651 SEGMTY
655 SOFIEXPRESS
"""


# The CNBV revoked their licence that day, the IPAB pays their savers (DOF 2020-07-01, DOF 2021-09-29, IPAB 2025-10-10).
_WITHOUT_LICENCE = """
131 FAMSA 2020-06-30
102 ACCENDO BANCO 2021-09-28
143 CIBANCO 2025-10-10
"""


def _table() -> dict[str, Bank]:
    rows = [(line, True) for line in _ACTIVE.split("\n")] + [(line, False) for line in _RETIRED.split("\n")]
    table = {line[:3]: Bank(line[:3], line[4:], active) for line, active in rows if line}
    for line in filter(None, _WITHOUT_LICENCE.split("\n")):
        code, name, ended = line[:3], line[4:-11], line[-10:]
        table[code] = Bank(code, name, active=False, licence_ended=date.fromisoformat(ended))
    return table


BANKS: dict[str, Bank] = _table()
