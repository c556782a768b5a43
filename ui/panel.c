#include "ui/panel.h"

const struct panel_ops *panel_ops(size_t i)
{
	static const struct panel_ops *const rooms[PANELS] = {&panel_overview,
		&panel_sessions, &panel_transcoders, &panel_log,
		&panel_staking, &panel_pricing, &panel_funds, &panel_tickets,
		&panel_txs, &panel_doctor, &panel_settings, &panel_migration};

	return rooms[i];
}
