#include "proto/status_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "src/model/rendition.h"

/* Peers' names: what is not UTF-8 has been escaped on its way into a view. */
static json_t *text(const char *field)
{
	json_t *j = json_string(view_text(field));

	return j ? j : json_string("");
}

/* m3u8.MasterPlaylist, as far as it says something. */
static json_t *manifest_of(const struct session_row *s)
{
	json_t *variants = json_array(), *manifest = json_object();

	for (size_t i = 0; i < s->renditions.n; i++) {
		const struct rendition_row *r = &s->renditions.v[i];
		char size[48];

		snprintf(size, sizeof(size), "%lldx%lld", (long long)r->width,
			(long long)r->height);
		json_array_append_new(variants, json_pack("{s:o,s:I,s:s}", "URI",
			text(r->name), "Bandwidth", (json_int_t)r->bitrate,
			"Resolution", size));
	}
	json_object_set_new(manifest, "Variants", variants);
	return manifest;
}

static json_t *transcoded_bytes(const struct session_row *s)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < s->renditions.n; i++)
		sum += s->renditions.v[i].bytes;
	return json_pack("{s:I}", "TranscodedBytes", sum);
}

static void add_streams(const struct view_streams *v, json_t *root)
{
	json_t *manifests = json_object(), *info = json_object();

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct session_row *s = &v->rows.v[i];

		json_object_set_new(manifests, view_text(s->id), manifest_of(s));
		json_object_set_new(info, view_text(s->id), transcoded_bytes(s));
	}
	json_object_set_new(root, "Manifests", manifests);
	json_object_set_new(root, "InternalManifests", json_object());
	json_object_set_new(root, "StreamInfo", info);
}

static void add_orchestrators(const struct view_orchestrators *v, json_t *root)
{
	json_t *pool = json_array(), *infos = json_array();

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct orchestrator_row *o = &v->rows.v[i];

		json_array_append_new(pool, text(o->uri));
		/* A time.Duration is ns in Go's JSON. */
		json_array_append_new(infos, json_pack("{s:o,s:f,s:I}", "Url",
			text(o->uri), "Score", o->score, "Latency",
			(json_int_t)o->latency_ms * 1000000));
	}
	json_object_set_new(root, "OrchestratorPool", pool);
	json_object_set_new(root, "OrchestratorPoolInfos", infos);
}

static void add_transcoders(const struct view_transcoders *v, json_t *root)
{
	json_t *remotes = json_array();
	bool local = false;

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct transcoder_row *t = &v->rows.v[i];

		if (strcmp(view_text(t->kind), "remote") != 0) {
			local = true;
			continue;
		}
		json_array_append_new(remotes, json_pack("{s:o,s:I}", "Address",
			text(t->address), "Capacity", (json_int_t)t->capacity));
	}
	json_object_set_new(root, "RegisteredTranscodersNumber",
		json_integer((json_int_t)json_array_size(remotes)));
	json_object_set_new(root, "RegisteredTranscoders", remotes);
	json_object_set_new(root, "LocalTranscoding", json_boolean(local));
}

static void dump(json_t *taken, struct str *out)
{
	char *s = json_dumps(taken, JSON_COMPACT);

	str_add(out, s ? s : "null");
	free(s);
	json_decref(taken);
}

void status_json(const struct status_views *v, struct str *out)
{
	json_t *root = json_object();
	struct utsname u;

	uname(&u);
	add_streams(&v->streams, root);
	add_orchestrators(&v->orchestrators, root);
	json_object_set_new(root, "Version", text(v->node.version));
	/* Go's names of both. */
	json_object_set_new(root, "GOArch", json_string(
		strcmp(u.machine, "x86_64") == 0 ? "amd64" :
		strcmp(u.machine, "aarch64") == 0 ? "arm64" : u.machine));
	json_object_set_new(root, "GOOS", json_string("linux"));
	add_transcoders(&v->transcoders, root);
	dump(root, out);
}

void presets_json(struct str *out)
{
	json_t *names = json_array();
	const struct preset *p;

	for (size_t i = 0; (p = preset_at(i)); i++)
		if (p->selectable)
			json_array_append_new(names, json_string(p->rendition.name));
	dump(names, out);
}
