{{/* Names of everything the release makes. Some are cluster-wide, so the release's name is in them. */}}
{{- define "uefivm.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "uefivm.operator.name" -}}
{{ include "uefivm.fullname" . }}-operator
{{- end }}

{{- define "uefivm.agent.name" -}}
{{ include "uefivm.fullname" . }}-agent
{{- end }}

{{- define "uefivm.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: uefivm
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: uefivm
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What selects the pods of one component: (dict "root" . "component" "operator"). */}}
{{- define "uefivm.selector" -}}
app.kubernetes.io/name: uefivm
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* One image reference: (dict "root" . "image" .Values.operator.image). */}}
{{- define "uefivm.image" -}}
{{- if .image.digest }}
{{- printf "%s@%s" .image.repository .image.digest }}
{{- else }}
{{- printf "%s:%s" .image.repository (.image.tag | default .root.Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "uefivm.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: metrics
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: metrics
  periodSeconds: 20
  timeoutSeconds: 5
readinessProbe:
  httpGet:
    path: /readyz
    port: metrics
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{/* The identity that every node agent shares, as admission sees it. */}}
{{- define "uefivm.agent.username" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "uefivm.agent.name" . }}
{{- end }}
