"""The paper mill: sealed invoices, complements and bank statements for the demo world and for tests.

Everything is made here from a test authority that only the demo and the tests trust (`trust_der`). Signatures:

    make_invoice(*, issuer={"rfc","name","regime"}, receiver={"rfc","name","zip","regime"},
                 orders=[{"account","patient","payable"}], components=[{"component":"ISR","rate":"0.100000"}, …],
                 issued_at, stamped_at=None, uuid=None, faults=()) -> bytes
    make_complement(*, issuer, receiver, payments=[{"paid_on","amount","documents":[{"uuid","number","balance_before",
                 "paid","balance_after","total","base","components"}]}], issued_at, uuid=None, faults=()) -> bytes
    make_statement_pdf(*, clabe, bank, holder, rfc, closing_on, layout="plain") -> bytes
    make_constancia_pdf(*, name, rfc, on) -> bytes
    make_invoice_pdf(*, xml) -> bytes
    make_bank_csv(rows, *, opening=…, heading=KNOWN) -> bytes
    make_store_file([(reference, amount)…], *, on, network="PAYNET") -> bytes
    trust_der() -> [DER of the test authority and of its PAC]

`issued_at` is local time (aware instants are taken to central Mexico); money is Decimal or text.
"""

from config.demo.samples.authority import trust_der
from config.demo.samples.complements import COMPLEMENT_FAULTS, make_complement
from config.demo.samples.faults import INVOICE_FAULTS
from config.demo.samples.invoices import make_invoice
from config.demo.samples.movements import FOREIGN, KNOWN, make_bank_csv, make_store_file
from config.demo.samples.statements import LAYOUTS, make_constancia_pdf, make_invoice_pdf, make_statement_pdf
