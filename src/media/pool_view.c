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

int64_t process_cpu_us(pid_t pid)
{
	char path[40], text[1024], *at;
	unsigned long long user, system;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	/* Fields 14 and 15; the second, the name, may have anything in it. */
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
			&user, &system) != 2)
		return -1;
	return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
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

	view_set(&row->id, c->name);
	view_set(&row->kind, c->gpu >= 0 ? "gpu" : "cpu");
	view_set(&row->version, p->o.node_version);
	view_set(&row->state, child_state_name(c));
	view_set(&row->device, c->gpu < 0 ? p->cpu_name
		: gpus_reading(p->gpus, (size_t)c->gpu)->name);
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
	row->cpu = c->cpu;
	if (j && j->session)
		view_set(&row->current, j->session->id);
	view_set(&row->last_error, c->last_error);
	row->last_error_ms = c->last_error_ms;
}

static double percent(const struct gpu_reading *g, enum gpu_figure f, uint32_t value)
{
	return g->known & f ? value / 100.0 : -1;
}

static void fill_device(const struct gpus *gpus, size_t i, struct device_row *row)
{
	const struct gpu_reading *g = gpus_reading(gpus, i);
	int64_t silent_ms = gpus_silent_ms(gpus);

	view_setf(&row->id, "gpu%u", g->number);
	view_set(&row->kind, "gpu");
	view_set(&row->name, g->name);
	view_set(&row->state, silent_ms ? "silent" : "ok");
	row->busy = percent(g, GPU_BUSY, g->busy);
	row->encoder = percent(g, GPU_ENCODER, g->encoder);
	row->decoder = percent(g, GPU_DECODER, g->decoder);
	row->memory_used = g->known & GPU_MEMORY ? (int64_t)g->memory_used : -1;
	row->memory_total = g->known & GPU_MEMORY ? (int64_t)g->memory_total : -1;
	row->temperature = g->known & GPU_TEMPERATURE ? (int64_t)g->temperature : -1;
	row->power = g->known & GPU_POWER ? g->power / 1000.0 : -1;
	row->encoder_sessions = g->known & GPU_ENCODER_SESSIONS
		? (int64_t)g->encoder_sessions : -1;
	row->load = -1;
	row->cores = -1;
}

struct pool_picture { /* what the pool tells */
	struct view_transcoders transcoders;
	struct view_devices devices;
};

static void free_picture(void *ctx)
{
	struct pool_picture *v = ctx;

	view_clear(view_transcoders_desc(), &v->transcoders);
	view_clear(view_devices_desc(), &v->devices);
	free(v);
}

void pool_publish(void *ctx)
{
	struct pool *p = ctx;
	struct pool_picture *v = XNEW(struct pool_picture);

	for (size_t i = 0; i < p->children_n; i++)
		fill_row(&p->children[i], VIEW_ADD(&v->transcoders.rows));
	for (size_t i = 0; i < gpus_n(p->gpus); i++)
		fill_device(p->gpus, i, VIEW_ADD(&v->devices.rows));
	board_publish(p->board, 0, blob_wrap(v, sizeof(*v), free_picture, v));
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

static const struct pool_picture *picture(struct pool *p, struct blob **b)
{
	uint64_t version;

	*b = board_get(p->board, 0, &version);
	return *b ? (const void *)blob_data(*b) : NULL;
}

void pool_view(struct pool *p, struct view_transcoders *out)
{
	struct blob *b;
	const struct pool_picture *v = picture(p, &b);

	for (size_t i = 0; v && i < v->transcoders.rows.n; i++)
		copy_row(&v->transcoders.rows.v[i], VIEW_ADD(&out->rows));
	blob_put(b);
}

uint64_t pool_version(struct pool *p)
{
	return board_version(p->board, 0);
}

void pool_devices(struct pool *p, struct view_devices *out)
{
	struct blob *b;
	const struct pool_picture *v = picture(p, &b);

	for (size_t i = 0; v && i < v->devices.rows.n; i++) {
		const struct device_row *from = &v->devices.rows.v[i];
		struct device_row *to = VIEW_ADD(&out->rows);

		*to = *from;
		to->id = xstrdup(from->id);
		to->kind = xstrdup(from->kind);
		to->name = xstrdup(from->name);
		to->state = xstrdup(from->state);
	}
	blob_put(b);
}

int64_t pool_cpu_ms(struct pool *p)
{
	return p->cpu_us / 1000;
}
