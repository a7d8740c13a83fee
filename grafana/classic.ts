import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/*
 * The schema that the SDK calls deprecated is the one that Grafana 10, 11 and 12 all read from files. Its
 * successor (v2) is read by Grafana 12 only, as a resource.
 */

// eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
export class ClassicDashboardBuilder extends DashboardBuilder {}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
export type ClassicDashboard = Dashboard;
