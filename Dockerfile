# The program in one image: every process of docs/deploying.md is the same image with another command.
# It runs as a user without rights, on a file system that may be read-only; what it writes goes to /data and /tmp.

FROM python:3.11-slim-bookworm AS built
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
# The files of the look and the translations are made here: nothing in /app is written later. The keys are for this step
# alone, and stay in a layer that is left behind.
RUN export DATA_DIR=/tmp/made STATIC_DIR=/collected-static \
    && python manage.py compile_translations \
    && python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
# For backups (pg_dump, no older than the server) and for reports as PDF with Chinese letters. Leave LibreOffice out for a
# smaller image: reports can then be printed from the browser.
ARG WITH_LIBREOFFICE=yes
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && if [ "$WITH_LIBREOFFICE" = yes ]; then \
        apt-get install -y --no-install-recommends libreoffice-calc libreoffice-writer fonts-noto-cjk; fi \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data antifraud \
    && install -d -o antifraud -g antifraud -m 0700 /data
COPY --from=built /venv /venv
COPY --from=built /app /app
COPY --from=built /collected-static /collected-static
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data STATIC_DIR=/collected-static
USER antifraud
WORKDIR /app
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "antifraud.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/tmp", "--no-control-socket"]
