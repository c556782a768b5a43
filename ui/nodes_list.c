/* `weir nodes`: the nodes that a console could go to, for people and scripts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json_scan.h"
#include "src/base/clock.h"
#include "ui/nodes.h"
#include "ui/say.h"

static void wait_for_all(struct nodes *nodes)
{
	struct pollfd p[NODES_POLLED];
	int64_t end;

	while ((end = nodes_deadline(nodes)) >= 0) {
		int64_t left = end - clock_mono_ms();

		poll(p, nodes_poll(nodes, p, NODES_POLLED), left > 0 ? (int)left : 0);
		nodes_step(nodes, clock_mono_ms());
	}
}

static void add_json(struct str *out, const struct node_row *r)
{
	const struct {
		const char *name, *value;
	} texts[] = {{"name", r->name}, {"path", r->path},
		{"state", node_state_name(r->state)}, {"why", r->why},
		{"version", r->version}, {"network", r->network}};
	const char *role = view_text(r->roles);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		str_printf(out, "%s\"%s\":", i ? "," : "{", texts[i].name);
		json_add_text(out, view_text(texts[i].value));
	}
	str_add(out, ",\"roles\":[");
	while (*role) {
		char *one = xstrndup(role, strcspn(role, ","));

		json_add_text(out, one);
		role += strlen(one);
		role += *role == ',';
		if (*role)
			str_addc(out, ',');
		free(one);
	}
	str_printf(out, "],\"sessions\":%" PRId64 ",\"alarms\":%" PRId64 "}",
		r->sessions, r->alarms);
}

static void add_line(struct str *out, const struct node_row *r)
{
	str_printf(out, "%-16s %-8s ", r->name, node_state_name(r->state));
	if (r->state == NODE_ALIVE)
		str_printf(out, "weir %s, %s, %s, %" PRId64 " sessions, %" PRId64
			" alarms", view_text(r->version), view_text(r->network),
			*view_text(r->roles) ? r->roles : "no role", r->sessions,
			r->alarms);
	else
		str_add(out, view_text(r->why));
	str_printf(out, "  %s\n", r->path);
}

int nodes_main(const char *datadir, bool json)
{
	struct nodes nodes;
	struct err *e = nodes_find(&nodes, datadir, clock_mono_ms());
	struct str out = STR_INIT;
	bool alive = false;

	wait_for_all(&nodes);
	for (size_t i = 0; i < nodes.n; i++) {
		alive = alive || nodes.v[i].state == NODE_ALIVE;
		if (json)
			str_add(&out, i ? ",\n" : "[");
		(json ? add_json : add_line)(&out, &nodes.v[i]);
	}
	if (json) {
		str_add(&out, nodes.n ? "]\n" : "[]\n");
		say_json(stdout, out.s, out.len);
	} else if (!nodes.n) {
		say_lines(stdout, "no node found; `weir` starts one, and the manual says "
			"how to reach those of other machines");
	} else {
		say_lines(stdout, out.s);
	}
	str_clear(&out);
	nodes_clear(&nodes);
	return e ? say_error(e, 2) : alive ? 0 : 1;
}
