"""Bank accounts, the ledger, what is owed, and how it is paid."""

from portal.treasury.models.accounts import AccountDecision, AccountReview, BankAccount
from portal.treasury.models.collections import (
    Allocation,
    AllocationShare,
    CollectionAccount,
    MatchRun,
    Movement,
    MovementFile,
)
from portal.treasury.models.ledger import LedgerAccount, LedgerLine, LedgerTransaction
from portal.treasury.models.payments import (
    BankFile,
    BankResult,
    BatchApproval,
    BatchBarred,
    Payable,
    PaymentBatch,
    Transfer,
    TransferItem,
)
