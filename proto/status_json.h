#ifndef PROTO_STATUS_JSON_H
#define PROTO_STATUS_JSON_H
/* GET /status as go-livepeer's CLI port answers it, for the scripts that read
 * it (common/types.go: NodeStatus). Everything weir can tell of itself is in
 * `weir status --json`; this has that struct's names and no more. Go's version
 * and prices are absent: there are none. Pure. */
#include "src/base/str.h"
#include "src/model/view.h"

struct status_views {
	struct view_node node;
	struct view_streams streams;
	struct view_transcoders transcoders;
	struct view_orchestrators orchestrators;
};

void status_json(const struct status_views *v, struct str *out);
/* The names of the presets that can be chosen, as a JSON list. */
void presets_json(struct str *out);
#endif
