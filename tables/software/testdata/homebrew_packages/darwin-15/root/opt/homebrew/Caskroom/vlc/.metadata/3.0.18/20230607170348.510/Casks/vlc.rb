cask "vlc" do
  version "3.0.18"
  app "VLC.app"
  auto_updates false
end
