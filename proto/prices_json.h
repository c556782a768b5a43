#ifndef PROTO_PRICES_JSON_H
#define PROTO_PRICES_JSON_H
/* -pricePerGateway and -pricePerBroadcaster: prices for single broadcasters.
 *   {"gateways":[{"ethaddress":"0x..","priceperunit":1200,"pixelsperunit":1}]}
 * or the same under "broadcasters". Numbers, or texts as "7/3". Pure.
 * Source: go-livepeer cmd/livepeer/starter getGatewayPrices. */
#include "src/base/err.h"
#include "src/model/amount.h"
#include "src/model/id.h"

#define PRICES_MAX 10000

/* Calls fn for each. A currency other than wei is refused: there is no feed of
 * rates here. */
struct err *prices_json_read(const char *text, size_t n,
	void (*fn)(void *ctx, struct eth_addr who, struct price p), void *ctx) must_check;
#endif
