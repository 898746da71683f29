locals {
  canary_alarms = {}
}
