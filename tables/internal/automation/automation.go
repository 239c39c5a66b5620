// Package automation calls objects of Windows that offer themselves to scripts (IDispatch): WMI, Windows Update and others.
// All of an object's use happens inside Do. On other systems the package is empty.
package automation
