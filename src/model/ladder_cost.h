#ifndef SRC_MODEL_LADDER_COST_H
#define SRC_MODEL_LADDER_COST_H
/* What a ladder is in pixels and in money: the same arithmetic for an
 * orchestrator's earnings and a broadcaster's bill. For people: hours and
 * shares are doubles. Pure. */
#include "src/model/amount.h"
#include "src/model/rendition.h"

/* Of one rendition, rounded up; a rate that follows the source is taken as 30. */
struct pixels rendition_pixels_per_s(const struct rendition *r);
struct pixels ladder_pixels_per_s(const struct ladder *l);
/* An hour of so many pixels a second; false: no amount. */
bool price_per_hour(struct wei *out, struct price p, struct pixels per_s) must_check;
/* Hours of it until a ticket of this face value has won, on average; -1 never. */
double hours_per_win(struct wei per_hour, struct wei face_value);
/* "12 minutes", "21 hours", "63 years": three digits that matter; h not below 0. */
void hours_fmt(struct str *out, double h);
/* Redeeming, as a percentage of what is won; -1 unknown. */
double redeem_share_pct(struct wei tx_cost, struct wei face_value);
#endif
