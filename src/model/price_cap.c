#include "src/model/price_cap.h"

/* Livepeer's documentation, guides to installing a gateway (2025):
 * -maxPricePerUnit=300, in wei for a pixel; they are for Arbitrum One. */
static const struct {
	int64_t chain_id;
	uint64_t wei_per_pixel;
	const char *whose;
} caps[] = {
	{ 42161, 300, "gateways set up by the network's guide" },
};

bool price_cap_known(struct price *cap, const char **whose, int64_t chain_id)
{
	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		if (caps[i].chain_id != chain_id)
			continue;
		*cap = (struct price){ .per = { u256_from(caps[i].wei_per_pixel) },
			.unit = { 1 } };
		*whose = caps[i].whose;
		return true;
	}
	return false;
}
