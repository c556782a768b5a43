#ifndef SRC_MODEL_AMOUNT_H
#define SRC_MODEL_AMOUNT_H
/* Money and what it is reckoned with, each a type of its own so that the
 * compiler refuses to add ETH to LPT. 1 ETH = 10^18 wei; 1 LPT = 10^18 of its
 * base units. Texts are exact or refused; nothing goes through a double. `.v`
 * is for src/model, src/pay and codecs; elsewhere it says why. Pure; any
 * thread. */
#include "src/base/err.h"
#include "src/model/u256.h"

struct wei {
	struct u256 v;
};
struct lpt {
	struct u256 v;
};
struct pixels {
	uint64_t v;
};
struct gas {
	uint64_t v;
};
/* Wei for so many pixels, an exact fraction. On the wire both are positive
 * int64; {0, 1} is "free". unit is never 0. */
struct price {
	struct wei per;
	struct pixels unit;
};
struct prob { /* of 2^256-1 */
	struct u256 v;
};
struct ppm { /* parts per million: rewardCut, feeShare; 0..1000000 */
	uint32_t v;
};
/* A balance between two peers: wei in steps of 2^-128, signed. */
struct credit {
	bool neg; /* never with zero */
	struct u256 v; /* wei * 2^128 */
};

#define WEI_ZERO ((struct wei){ U256_ZERO })
#define LPT_ZERO ((struct lpt){ U256_ZERO })
#define CREDIT_ZERO ((struct credit){ false, U256_ZERO })
#define PRICE_FREE ((struct price){ WEI_ZERO, { 1 } })
#define PROB_MAX ((struct prob){ U256_MAX })

/* --- wei and lpt: false when the result is not in the type --- */
struct wei wei_from(uint64_t wei);
struct wei wei_from_gwei(uint64_t gwei);
bool wei_add(struct wei *out, struct wei a, struct wei b) must_check;
bool wei_sub(struct wei *out, struct wei a, struct wei b) must_check;
struct wei wei_sub_or_zero(struct wei a, struct wei b);
struct wei wei_add_or_max(struct wei a, struct wei b);
bool wei_mul(struct wei *out, struct wei a, uint64_t n) must_check;
struct wei wei_div(struct wei a, uint64_t n); /* floor; n not 0 */
int wei_cmp(struct wei a, struct wei b);
struct wei wei_min(struct wei a, struct wei b);
bool wei_is_zero(struct wei a);
/* gas * price; false when that is no amount. */
bool wei_of_gas(struct wei *out, struct gas gas, struct wei price) must_check;
bool lpt_add(struct lpt *out, struct lpt a, struct lpt b) must_check;
bool lpt_sub(struct lpt *out, struct lpt a, struct lpt b) must_check;
int lpt_cmp(struct lpt a, struct lpt b);
bool lpt_is_zero(struct lpt a);

/* "0.1 ETH", "20 gwei", "5 wei", "1.5 LPT", "7 LPTU"; units in any case, with
 * or without a blank. A number alone is refused: the unit was the trap. The
 * error says what is wrong with which text. */
struct err *wei_parse(struct wei *out, const char *text) must_check;
struct err *lpt_parse(struct lpt *out, const char *text) must_check;
/* The largest unit that reads well: "0.1 ETH", "20 gwei", "7 wei"; exact. */
void wei_fmt(struct str *out, struct wei a);
void wei_fmt_eth(struct str *out, struct wei a);  /* always in ETH, exact */
void wei_fmt_gwei(struct str *out, struct wei a); /* always in gwei, exact */
void lpt_fmt(struct str *out, struct lpt a);	  /* "12.5 LPT", exact */

/* --- price --- */
int price_cmp(struct price a, struct price b);
bool price_eq(struct price a, struct price b); /* the same ratio */
bool price_is_free(struct price p);
/* Into a fraction of two positive int64, as the wire has it; false: cannot. */
bool price_to_wire(int64_t *per, int64_t *unit, struct price p) must_check;
/* false: not a price (unit < 1, per < 0). */
bool price_from_wire(struct price *out, int64_t per, int64_t unit) must_check;
/* num / den wei a pixel, reduced, den not 0; false: over 2^64 pixels. */
bool price_of_ratio(struct price *out, struct u256 num, struct u256 den) must_check;
/* Go's big.Rat for -pricePerUnit and -pixelsPerUnit ("1200", "0.5", "7/3",
 * "1e3"), per / unit, reduced; the amounts are wei and pixels. */
struct err *price_parse(struct price *out, const char *per, const char *unit)
	must_check;
/* base * (1 + 1/m), m = face / cost, truncated to three decimals: what an
 * orchestrator asks for with -autoAdjustPrice (go-livepeer
 * core/orchestrator.go priceInfo, common.PriceToFixed). */
struct price price_with_overhead(struct price base, struct wei face,
	struct wei tx_cost);
void price_fmt(struct str *out, struct price p); /* "1200 wei/px" "0.4 wei/px" */

/* --- prob --- */
/* face * prob / (2^256-1), floor to 2^-128 wei. false: face over 2^128 wei. */
bool credit_of_ticket(struct credit *ev, struct wei face, struct prob p)
	must_check;
void prob_fmt(struct str *out, struct prob p); /* "1 in 1234" */

/* --- ppm --- */
struct err *ppm_parse_percent(struct ppm *out, const char *text) must_check; /* "10.5" or "10.5%" */
void ppm_fmt(struct str *out, struct ppm p); /* "10.5 %" */
/* a * (n * 1000000 / d) / 1000000, two floors in this order
 * (MathUtils.percOf); d not 0, false when it overflows. */
bool u256_perc_of(struct u256 *out, struct u256 a, struct u256 n, struct u256 d,
	uint64_t divisor) must_check;

/* --- credit: false when it leaves the type (2^128 wei) --- */
enum rounding { ROUND_DOWN, ROUND_UP };
bool credit_from_wei(struct credit *out, struct wei a) must_check;
bool credit_add(struct credit *out, struct credit a, struct credit b) must_check;
bool credit_sub(struct credit *out, struct credit a, struct credit b) must_check;
bool credit_times(struct credit *out, struct credit a, uint64_t n) must_check;
int credit_cmp(struct credit a, struct credit b);
bool credit_is_zero(struct credit a);
/* pixels * price * num / den. */
bool credit_of_pixels(struct credit *fee, struct price p, struct pixels n,
	uint64_t num, uint64_t den, enum rounding dir) must_check;
/* ceil(need / each) for positive each; false: over `limit`. */
bool credit_count(uint64_t *n, struct credit need, struct credit each,
	uint64_t limit) must_check;
/* Whole wei, floor; false for a negative credit. */
bool credit_to_wei(struct wei *out, struct credit a) must_check;
void credit_fmt(struct str *out, struct credit a); /* as wei_fmt, "-" before */
#endif
