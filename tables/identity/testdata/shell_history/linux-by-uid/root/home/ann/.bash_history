ls -la
#1767225600
sudo apt update
#not a time
mysql -u root -pcanary shop
