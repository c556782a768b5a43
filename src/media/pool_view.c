#include "src/base/clock.h"
#include "src/media/pool_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUBLISH_MS 100

static ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int64_t process_rss(pid_t pid)
{
	char path[40], text[128];
	long long total, resident;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	if (read_file(path, text, sizeof(text)) < 0 ||
		sscanf(text, "%lld %lld", &total, &resident) != 2)
		return -1;
	return resident * sysconf(_SC_PAGESIZE);
}

void pool_read_cpu_name(struct pool *p)
{
	static const char key[] = "model name\t: ";
	char text[2048], *at;

	snprintf(p->cpu_name, sizeof(p->cpu_name), "CPU");
	if (read_file("/proc/cpuinfo", text, sizeof(text)) < 0)
		return;
	at = strstr(text, key);
	if (!at)
		return;
	at += sizeof(key) - 1;
	at[strcspn(at, "\n")] = '\0';
	snprintf(p->cpu_name, sizeof(p->cpu_name), "%.63s", at);
}

static void fill_row(const struct child *c, struct transcoder_row *row)
{
	const struct pool *p = c->pool;
	const struct job *j = c->job;
	struct gpu_state gpu;

	view_set(&row->id, c->name);
	view_set(&row->kind, c->gpu >= 0 ? "gpu" : "cpu");
	view_set(&row->version, p->o.node_version);
	view_set(&row->state, child_state_name(c));
	if (c->gpu >= 0) {
		gpus_read(p->gpus, (size_t)c->gpu, &gpu);
		view_set(&row->device, gpu.name);
	} else {
		view_set(&row->device, p->cpu_name);
	}
	row->draining = c->draining;
	row->capacity = (p->o.capacity + p->children_n - 1) / p->children_n;
	row->load = c->sessions_n;
	row->since_ms = c->since_ms;
	row->segments = c->segments;
	row->failed = c->failed;
	row->restarts = c->restarts;
	row->pixels = c->pixels;
	row->speed = c->wall_us > 0 ?
		(double)c->media_us / (double)c->wall_us : -1;
	row->utilisation = c->utilisation;
	row->rss = c->rss;
	if (j && j->session)
		view_set(&row->current, j->session->id);
	view_set(&row->last_error, c->last_error);
	row->last_error_ms = c->last_error_ms;
}

static void free_view(void *ctx)
{
	view_clear(view_transcoders_desc(), ctx);
	free(ctx);
}

void pool_publish(void *ctx)
{
	struct pool *p = ctx;
	struct view_transcoders *v = XNEW(struct view_transcoders);

	for (size_t i = 0; i < p->children_n; i++)
		fill_row(&p->children[i], VIEW_ADD(&v->rows));
	board_publish(p->board, 0, blob_wrap(v, sizeof(*v), free_view, v));
	if (p->o.changed && p->o.notify && !p->stopping)
		actor_post(p->o.notify, p->o.changed, p->o.ctx);
}

void pool_touch(struct pool *p)
{
	if (p->publish && !timer_is_set(p->publish))
		timer_set(p->publish, PUBLISH_MS, 0);
}

static void copy_row(const struct transcoder_row *from,
	struct transcoder_row *to)
{
	char **texts[] = {&to->id, &to->kind, &to->address, &to->device,
		&to->version, &to->state, &to->current, &to->last_error};

	*to = *from;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = *texts[i] ? xstrdup(*texts[i]) : NULL;
}

void pool_view(struct pool *p, struct view_transcoders *out)
{
	uint64_t version;
	struct blob *b = board_get(p->board, 0, &version);
	const struct view_transcoders *v;

	if (!b)
		return;
	v = (const void *)blob_data(b);
	for (size_t i = 0; i < v->rows.n; i++)
		copy_row(&v->rows.v[i], VIEW_ADD(&out->rows));
	blob_put(b);
}
