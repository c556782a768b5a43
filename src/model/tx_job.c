#include "src/model/tx_job.h"

#include <string.h>

static const char *const names[TX_STATES] = {
	[TX_PREPARED] = "prepared",
	[TX_SENT] = "sent",
	[TX_MINED] = "mined",
	[TX_CONFIRMED] = "confirmed",
	[TX_FAILED] = "failed",
	[TX_CANCELLED] = "cancelled",
	[TX_REPLACED] = "replaced",
};

const char *tx_state_name(enum tx_state s)
{
	return names[s];
}

bool tx_state_parse(enum tx_state *out, const char *name)
{
	for (int i = 0; i < TX_STATES; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum tx_state)i;
			return true;
		}
	}
	return false;
}

bool tx_state_is_final(enum tx_state s)
{
	switch (s) {
	case TX_PREPARED:
	case TX_SENT:
	case TX_MINED:
		return false;
	case TX_CONFIRMED:
	case TX_FAILED:
	case TX_CANCELLED:
	case TX_REPLACED:
		return true;
	}
	return false;
}
