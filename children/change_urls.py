"""Addresses of changes and hand-overs."""

from django.urls import path

from caretrack.web import workbench
from children.views import (
    change_correct,
    changes,
    transfer_accept,
    transfer_graduates,
    transfer_receipts,
    transfer_take,
    transfers,
)

urlpatterns = [
    path("changes/new/", changes.change_pick, name="change_pick"),
    path("changes/<int:pk>/correct/", change_correct.ChangeCorrect.as_view(), name="change_correct"),
    path("<int:pk>/changes/new/", changes.change_kinds, name="change_kinds"),
    path("<int:pk>/changes/new/<slug:kind>/", changes.ChangeAdd.as_view(), name="change_add"),
    path("transfers/", transfers.TransferList.as_view(), name="transfer_list"),
    path("transfers/take/", transfer_take.TransferTake.as_view(), name="transfer_take"),
    path("transfers/accept/", transfer_accept.TransferAcceptMany.as_view(), name="transfer_accept_many"),
    path("transfers/late/<int:pk>/", transfers.TransferLate.as_view(), name="transfer_late"),
    path("transfers/graduates/", transfer_graduates.transfer_graduates, name="transfer_graduates"),
    path("transfers/graduates/<int:pk>/", transfer_graduates.TransferClass.as_view(), name="transfer_class"),
    path("transfers/<int:pk>/", transfers.transfer_show, name="transfer_show"),
    path("transfers/<int:pk>/batch/", transfer_graduates.transfer_batch, name="transfer_batch"),
    path("transfers/<int:pk>/receipts/", transfer_receipts.TransferReceipts.as_view(), name="transfer_receipts"),
    path("transfers/<int:pk>/accept/", transfers.TransferAccept.as_view(), name="transfer_accept"),
    path("transfers/<int:pk>/receipt/", transfers.TransferReceipt.as_view(), name="transfer_receipt"),
    path(
        "transfers/<int:pk>/receipt/take-back/",
        transfer_receipts.ReceiptTakeBack.as_view(),
        name="receipt_take_back",
    ),
    path("transfers/<int:pk>/withdraw/", transfers.TransferWithdraw.as_view(), name="transfer_withdraw"),
    path("transfers/<int:pk>/file/", transfers.TransferFile.as_view(), name="transfer_file"),
]
workbench.register(transfers.handovers, 65)
