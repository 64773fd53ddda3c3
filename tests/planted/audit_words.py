"""What a trip's acts and the trip are called where the record is read."""

ACTS = {
    "planted.trip_asked": "Viático pedido",
    "planted.trip_approved": "Viático autorizado",
    "planted.trip_reminded": "Recordatorio de un viático",
}
THINGS = {"planted.trip": "Viático"}
