@echo off
rem quern: finds a JDK, builds Quern where the build is missing, and runs the command.
rem   QUERN_JAVA_HOME   the JDK (25 or newer) to use; otherwise JAVA_HOME, the java on the PATH and Program Files are tried
rem   QUERN_JAVA_OPTS   more options for the JVM
rem Unlike its sister for Unix it does not see changed sources: delete bench\target\quern to have it build again.
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "BUILD=%ROOT%bench\target\quern"
set "JDK="

if defined QUERN_JAVA_HOME (
  call :suits "%QUERN_JAVA_HOME%"
  if not defined JDK (
    echo quern: QUERN_JAVA_HOME=%QUERN_JAVA_HOME% is not a JDK 25 or newer 1>&2
    exit /b 1
  )
)
if not defined JDK if defined JAVA_HOME call :suits "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%j in ('where java 2^>nul') do if not defined JDK for %%b in ("%%~dpj..") do call :suits "%%~fb"
if not defined JDK for /d %%j in ("%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Java\*" "%ProgramFiles%\Microsoft\jdk*" "%ProgramFiles%\Zulu\*" "%ProgramFiles%\Amazon Corretto\*" "%USERPROFILE%\.jdks\*") do if not defined JDK call :suits "%%~fj"
if not defined JDK (
  echo quern: needs a JDK 25 or newer, and none was found 1>&2
  echo quern: install one, for example from https://adoptium.net, or set QUERN_JAVA_HOME to where it is 1>&2
  exit /b 1
)

if exist "%BUILD%\stamp" goto run
where mvn >nul 2>&1
if errorlevel 1 (
  echo quern: needs Maven for its first build, and there is no mvn on the PATH: see https://maven.apache.org/install.html 1>&2
  exit /b 1
)
echo quern: building Quern (first use)... 1>&2
setlocal
set "JAVA_HOME=%JDK%"
pushd "%ROOT%"
call mvn -q -B -DskipTests package 1>&2
set "RESULT=%ERRORLEVEL%"
popd
endlocal & set "RESULT=%RESULT%"
if not "%RESULT%"=="0" (
  echo quern: the build failed; to see it whole: mvn -DskipTests package 1>&2
  exit /b 1
)
type nul > "%BUILD%\stamp"

:run
"%JDK%\bin\java.exe" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED %QUERN_JAVA_OPTS% "-Dquern.home=%ROOT%." -cp "%BUILD%\lib\*" dev.quern.examples.command.Main %*
exit /b %ERRORLEVEL%

rem Sets JDK where %1 is the home of a JDK that is new enough.
:suits
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==." %%v in ('findstr /b /c:"JAVA_VERSION=" "%~1\release"') do call :compare "%~1" %%v
exit /b 0

:compare
set "MAJOR=%~2"
set "MAJOR=%MAJOR:"=%"
if %MAJOR% GEQ 25 set "JDK=%~1"
exit /b 0
